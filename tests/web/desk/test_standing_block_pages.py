"""The blocks of every issue in the desk: a form for each kind, their order, and that nothing is overwritten unseen."""

import pytest
from lxml import html

from newsletter.accounts.actor import acting_as
from newsletter.errors import Refused
from newsletter.issues.change_standing_blocks import (
    BlockTexts,
    StandingBlockChangedError,
    add_standing_block,
    change_standing_block,
    move_standing_block,
    remove_standing_block,
    standing_block_version,
    texts_of,
)
from newsletter.issues.models import StandingBlock
from tests.web.desk.test_publication_settings import form_of, text

HERE = "/desk/settings/publications/harbour-letter/blocks/"
KINDS = {
    "appeal": {"title": "Please give", "data-target": "40000", "amounts-0-amount": "10", "amounts-0-url": "https://example.org/10"},
    "promotion": {"title": "A leaflet", "data-url": "https://example.org/leaflet", "data-price": "£4"},
    "community": {"title": "Take part", "links-0-label": "Our group", "links-0-url": "https://example.org/group"},
    "notice": {"title": "Information, not advice", "body": "Ask your doctor."},
    "social": {"links-0-network": "Mastodon", "links-0-url": "https://example.org/@us"},
    "copyright": {"title": "Copyright", "body": "You can copy this."},
    "corrections": {"data-address": "corrections@example.org"},
}  # fmt: skip


@pytest.fixture
def here(publication):
    assert publication.slug in HERE
    publication.blocks.all().delete()
    return publication


@pytest.fixture
def ada(desk_of, here):
    return desk_of("ada")


def names(publication):
    return [block.name for block in publication.blocks.all()]


def add(publication, *titles):
    return [
        add_standing_block(publication, "notice", BlockTexts(title=title, body="Text.")) for title in titles
    ]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_block_of_each_kind_is_added_once_and_saved_as_it_came_by_a_form_without_json(ada, here, kind):
    form = form_of(ada.get(f"{HERE}add/?kind={kind}"), "add") | KINDS[kind]
    assert not [name for name in form if name == "data"]
    for _press in range(2):
        answer = ada.post(f"{HERE}add/", form, follow=True)
        assert "added to every issue" in text(answer)
    [block] = here.blocks.all()
    assert block.kind == kind
    page = f"{HERE}one/{block.name}/"
    again = form_of(ada.get(page), block.name)
    assert {name: again[name].removeprefix("\n") for name in KINDS[kind]} == KINDS[kind]
    assert "Nothing was changed." in text(ada.post(page, again, follow=True))


def test_a_change_is_saved_for_every_issue_and_can_be_undone(ada, here):
    [block] = add(here, "Flood")
    page = f"{HERE}one/flood/"
    form = form_of(ada.get(page), "flood") | {"body": "Please help.", "ends_on": "2026-12-24"}
    answer = ada.post(page, form, follow=True)
    block.refresh_from_db()
    assert (block.body, str(block.ends_on)) == ("Please help.", "2026-12-24")
    undo = next(each for each in html.fromstring(answer.content).forms if (each.action or "").endswith(page))
    ada.post(page, dict(undo.form_values()))
    block.refresh_from_db()
    assert (block.body, block.ends_on) == ("Text.", None)


def test_a_block_of_every_issue_is_not_removed_or_overwritten_unseen(ada, here, people):
    [block] = add(here, "Flood")
    page = f"{HERE}one/flood/"
    form = form_of(ada.get(page), "flood") | {"body": "Ada’s text"}
    removal = form_of(ada.get(f"{page}remove/"), "remove")
    with acting_as(people["ada"]):
        change_standing_block(here, "flood", BlockTexts(title="Flood", body="Another text"))
    for address, sent in ((page, form), (f"{page}remove/", removal)):
        answer = ada.post(address, sent)
        assert answer.status_code == 409
        assert "Another text" in text(answer)
    block.refresh_from_db()
    assert block.body == "Another text"
    ada.post(page, form_of(ada.post(page, form), "flood"))
    block.refresh_from_db()
    assert block.body == "Ada’s text"
    ada.post(f"{page}remove/", form_of(ada.get(f"{page}remove/"), "remove"))
    assert names(here) == []


def test_every_wrong_value_of_a_block_is_said_at_its_field(ada, here):
    wrong = {
        "title": "Please give",
        "data-target": "forty thousand",
        "data-currency": "pounds",
        "data-figures_on": "30/11/2026",
        "amounts-1-amount": "much",
        "amounts-1-url": "https://example.org/10",
    }
    answer = ada.post(f"{HERE}add/", form_of(ada.get(f"{HERE}add/?kind=appeal"), "add") | wrong)
    page = html.fromstring(answer.content)
    said = {each.get("href"): each.text for each in page.find_class("error-summary")[0].iter("a")}
    assert said == {
        "#data-target": "Target: enter a number in digits, such as 40000.",
        "#data-currency": "Currency: enter the code of a currency, such as GBP or EUR.",
        "#data-figures_on": "Date of the figures: enter a date, such as 2026-12-24.",
        "#amounts-1-amount": "Amount in row 2: enter a number in digits, such as 40000.",
    }
    for link in said:
        assert page.get_element_by_id(link[1:]).get("aria-invalid") == "true"
    assert names(here) == []


def test_amounts_with_their_thousands_apart_and_a_small_currency_are_understood(ada, here, publication):
    typed = {"title": "Give", "data-target": "40 000", "data-raised": "1,500.50", "data-currency": "eur"}
    ada.post(f"{HERE}add/", form_of(ada.get(f"{HERE}add/?kind=appeal"), "add") | typed)
    data = publication.blocks.get(kind="appeal").data
    assert (data["target"], data["raised"], data["currency"]) == ("40000", "1500.50", "EUR")


@pytest.mark.parametrize("kind", ["appeal", "promotion", "community", "notice"])
def test_a_block_of_which_the_email_would_show_nothing_is_not_added(ada, here, kind):
    empty = dict.fromkeys(form_of(ada.get(f"{HERE}add/?kind={kind}"), "add"), "")
    answer = ada.post(f"{HERE}add/", empty | {"kind": kind})
    assert "Enter a title. The email does not show an empty block." in text(answer)
    assert names(here) == []


@pytest.mark.parametrize(
    ("kind", "wrong", "sentence"),
    [
        ("appeal", {"data-target": "much"}, "Target"),
        ("appeal", {"amounts-0-amount": "10"}, "Link in row 1: enter a text, or clear the row."),
        ("appeal", {"data-currency": "pou"}, "Currency: enter the code of a currency, such as GBP or EUR."),
        ("corrections", {"data-address": "us"}, "Email address or web page"),
        ("promotion", {"data-url": "javascript:alert(1)"}, "Link"),
        ("notice", {"title": "t" * 201}, "The title can have at most 200 characters"),
        ("notice", {"starts_on": "tomorrow"}, "“tomorrow” is not a date"),
        ("notice", {"starts_on": "2026-12-24", "ends_on": "2026-12-01"}, "must not be before the first day"),
    ],
)
def test_a_wrong_block_is_not_added_and_what_was_typed_stays(ada, here, kind, wrong, sentence):
    form = form_of(ada.get(f"{HERE}add/?kind={kind}"), "add") | KINDS[kind] | wrong
    if "amounts-0-amount" in wrong:
        form["amounts-0-url"] = ""
    answer = ada.post(f"{HERE}add/", form)
    assert answer.status_code == 422
    assert sentence in text(answer)
    for name, value in wrong.items():
        assert form_of(answer, "add")[name] == value
    assert names(here) == []


def test_blocks_are_moved_and_the_ends_stay(ada, here):
    add(here, "One", "Two", "Three")
    ada.post(f"{HERE}one/three/move/", {"to": "up"})
    assert names(here) == ["one", "three", "two"]
    ada.post(f"{HERE}one/one/move/", {"to": "up"})
    ada.post(f"{HERE}one/two/move/", {"to": "down"})
    assert names(here) == ["one", "three", "two"]


def test_two_blocks_of_one_title_get_two_names(here):
    assert [block.name for block in add(here, "Flood", "Flood", "洪水")] == ["flood", "flood-2", "block"]


def test_only_editors_and_administrators_change_blocks(here, people):
    [block] = add(here, "Flood")
    with acting_as(people["sam"]):
        for act in (
            lambda: add_standing_block(here, "notice", texts_of(block)),
            lambda: change_standing_block(here, "flood", BlockTexts(title="Mine")),
            lambda: move_standing_block(here, "flood", down=True),
            lambda: remove_standing_block(here, "flood"),
        ):
            with pytest.raises(Refused, match="Only an editor"):
                act()
    with pytest.raises(StandingBlockChangedError):
        remove_standing_block(here, "flood", seen="0" * 16)
    remove_standing_block(here, "flood", seen=standing_block_version(block))


def test_hostile_texts_do_nothing_and_the_list_asks_the_database_a_bounded_number_of_times(
    ada, here, django_assert_max_num_queries
):
    for number in range(20):
        StandingBlock.objects.create(
            publication=here,
            name=f"b{number}",
            kind="notice",
            title="<script>alert(1)</script>",
            body="{{ 7*7 }}",
        )
    with django_assert_max_num_queries(30):
        answer = ada.get(HERE)
    pages = [answer, *(ada.get(f"{HERE}one/b0/{act}") for act in ("", "remove/"))]
    assert all(b"<script>alert" not in each.content for each in pages)
    assert b"49" not in html.tostring(html.fromstring(pages[1].content).cssselect("textarea")[0])
