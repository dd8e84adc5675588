from datetime import date
from decimal import Decimal

import pytest

from newsletter.errors import Invalid, NotFound
from newsletter.issues.block_data import KINDS, Appeal, data_to_json, read_data
from newsletter.issues.blocks_shown_in_email import shown_on
from newsletter.issues.change_publications import edit_block, remove_block
from newsletter.issues.models import StandingBlock

FULL = {
    "appeal": {
        "target": 5000,
        "raised": "123.45",
        "currency": "EUR",
        "amounts": [{"amount": 12.5, "url": "https://example.org/give?a=12"}],
        "url": "https://example.org/give",
        "button": "Give",
        "tax_note": "Gift Aid",
    },
    "promotion": {
        "image_url": "https://example.org/a.png",
        "image_width": 600,
        "url": "mailto:a@example.org",
    },
    "community": {"links": [{"label": "Your story", "url": "https://example.org/story"}]},
    "notice": {},
    "social": {"links": [{"network": "Mastodon", "url": "https://example.org/@us"}]},
    "copyright": {},
    "corrections": {"address": "put-right@example.org"},
}


@pytest.fixture
def add_block(weekly):
    def add(name="notice", kind="notice", **fields):
        return StandingBlock.objects.create(publication=weekly, name=name, kind=kind, **fields)

    return add


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_back_from_what_is_kept(kind):
    data = read_data(kind, FULL[kind])
    assert read_data(kind, data_to_json(data)) == data


@pytest.mark.parametrize(
    ("raised", "progress", "percent"),
    [("0", 0.0, 0), ("2500", 0.5, 50), ("4999.99", 1.0, 99), ("6000", 1.0, 120)],
)
def test_an_appeal_shows_how_far_it_is(raised, progress, percent):
    appeal = read_data("appeal", {"target": "5000", "raised": raised})
    assert isinstance(appeal, Appeal)
    assert appeal.progress == pytest.approx(progress, abs=0.001)
    assert appeal.percent == percent


def test_an_appeal_without_a_target_has_no_progress():
    assert read_data("appeal", {"raised": 10}).progress == 0.0


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("appeal", {"tarrget": 1}, "appeal.tarrget is not a valid key. The keys are target, raised"),
        ("appeal", {"target": 0}, "appeal.target must be greater than 0."),
        ("appeal", {"target": float("inf")}, "appeal.target"),
        ("appeal", {"raised": -1}, "appeal.raised"),
        ("appeal", {"raised": "lots"}, "appeal.raised must be a number."),
        ("appeal", {"currency": "pounds"}, "appeal.currency"),
        ("appeal", {"currency": "POU"}, "appeal.currency"),
        ("appeal", {"amounts": [{"amount": 0, "url": "https://example.org"}]}, "appeal.amounts.amount"),
        (
            "appeal",
            {"amounts": [{"amount": 5, "url": "javascript:x"}]},
            "start the link with http:// or https:// or mailto:",
        ),
        ("appeal", {"amounts": [{"amount": 5, "url": "https://a b"}]}, "is not a link"),
        ("appeal", {"amounts": "5"}, "appeal.amounts must be a list"),
        ("promotion", {"image_url": "data:image/png;base64,x"}, "promotion.image_url"),
        ("community", {"links": [{"label": "x"}]}, "community.links.url (number 1) is missing."),
        ("notice", {"x": 1}, "notice.x is not a valid key. No keys are allowed here."),
        ("corrections", {"address": "nobody"}, "Enter an email address"),
        ("banner", {}, "not a kind of block. The kinds are appeal"),
        ("notice", [], "a table of keys and values"),
    ],
)
def test_data_that_cannot_be_used_is_named(kind, data, said):
    with pytest.raises(Invalid) as wrong:
        read_data(kind, data)
    assert said.lower() in str(wrong.value).lower()


def test_blocks_are_shown_in_order_from_their_first_day_to_their_last(weekly, add_block):
    add_block("last", position=30)
    add_block("first", position=10, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 24))
    shown = {
        day: [block.name for block in weekly.blocks.all() if shown_on(block, date(2026, *day))]
        for day in [(11, 30), (12, 1), (12, 24), (12, 25)]
    }
    assert shown == {
        (11, 30): ["last"],
        (12, 1): ["first", "last"],
        (12, 24): ["first", "last"],
        (12, 25): ["last"],
    }


def test_an_appeal_is_brought_up_to_date_in_one_value(weekly, add_block):
    add_block("appeal", "appeal", data={"target": "5000", "button": "Give"})
    edit_block(weekly, "appeal", {"raised": "12345", "ends_on": "2026-12-31"})
    block = weekly.blocks.get()
    assert read_data(block.kind, block.data) == Appeal(
        target=Decimal(5000), raised=Decimal(12345), button="Give"
    )
    assert shown_on(block, date(2026, 12, 31))
    assert not shown_on(block, date(2027, 1, 1))


def test_a_block_is_made_and_removed(weekly):
    edit_block(
        weekly,
        "story",
        {"kind": "community", "title": "Tell us", "links": '[{"label":"x","url":"https://x.org"}]'},
    )
    assert weekly.blocks.get().title == "Tell us"
    remove_block(weekly, "story")
    with pytest.raises(NotFound, match="does not have any blocks yet"):
        remove_block(weekly, "story")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts_on": "soon"}, "starts_on: “soon” is not a date"),
        (
            {"starts_on": "2026-12-02", "ends_on": "2026-12-01"},
            "ends_on: The last day must not be before the first",
        ),
        ({"raised": "5"}, "raised is not a valid key for a “notice” block"),
        ({"kind": "banner"}, "kind"),
    ],
)
def test_a_change_that_cannot_be_used_changes_nothing(weekly, add_block, changes, said):
    add_block("notice", title="As it was")
    with pytest.raises(Invalid, match=said):
        edit_block(weekly, "notice", {"title": "New"} | changes)
    assert weekly.blocks.get().title == "As it was"
