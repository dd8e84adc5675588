"""The part “Contents” of an issue's page: what is shown, what each form does, and what a hostile article cannot do."""

import re

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from newsletter.accounts.actor import acting_as
from newsletter.articles.models import Article
from newsletter.issues import edit_issue_articles, edit_issue_blocks
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Approval, Issue, IssueBlock, StandingBlock
from newsletter.issues.running_order import key_of
from newsletter.scheduling.approval import approve
from newsletter.sending.batches import send_next_batch
from tests.articles.pictures.drawing import photo, saved
from tests.sending.planned_mailing import planned_mailing

HERE = "/desk/issues/harbour-letter/1/"
HTMX = {"HX-Request": "true"}
EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>' onmouseover='alert(1)"


def text(answer):
    return answer.content.decode()


def document(answer):
    return lxml.html.document_fromstring(text(answer))


def titles(answer):
    """The rows of the running order: the titles of articles and blocks."""
    rows = document(answer).cssselect("[data-order] .entry")
    return [row.get("data-title") for row in rows]


def order(issue):
    return [item.article_id for item in items_to_print(Issue.objects.get(pk=issue.pk))]


def article(issue, place):
    return order(issue)[place - 1]


def test_articles_and_blocks_are_listed_in_the_order_of_the_email(ruth, ruths_draft):
    shown = titles(ruth.get(HERE))
    assert shown[: len(order(ruths_draft))] == [str(item) for item in items_to_print(ruths_draft)]
    assert set(shown[len(order(ruths_draft)) :]) == {str(b) for b in ruths_draft.publication.blocks.all()}


def test_an_article_is_moved_to_a_place_in_one_act_and_the_page_leads_back_to_it(ruth, ruths_draft):
    last = order(ruths_draft)[-1]
    answer = ruth.post(f"{HERE}move/", {"key": f"article:{last}", "place": "2"})
    assert (answer.status_code, answer.url) == (303, f"{HERE}#entry-article-{last}")
    assert order(ruths_draft)[1] == last
    assert "is now in position 2" in text(ruth.get(HERE))


def test_with_htmx_the_list_comes_back_looking_at_the_moved_row_with_the_result_beside_it(ruth, ruths_draft):
    last, second = order(ruths_draft)[-1], article(ruths_draft, 2)
    answer = ruth.post(
        f"{HERE}move/", {"key": f"article:{last}", "before": f"article:{second}"}, headers=HTMX
    )
    assert answer["HX-Trigger"] == "issue:changed"
    page = document(answer)
    assert page.cssselect("#contents")[0].get("data-look-at") == f"entry-article-{last}"
    assert "is now in position 2" in page.cssselect(f"#entry-article-{last} .said")[0].text_content()
    assert not page.cssselect("html header")


@pytest.mark.parametrize("place", ["0", "99", "x", ""])
def test_a_place_that_is_not_there_is_an_error_beside_the_row(ruth, ruths_draft, place):
    form = {"key": f"article:{article(ruths_draft, 2)}", "place": place, "panel": "move"}
    answer = ruth.post(f"{HERE}move/", form)
    assert answer.status_code == 422
    assert "Choose a position from 1 to" in text(answer)
    assert "<title>Error:" in text(answer)


def test_pictures_without_a_description_are_one_sentence_that_leads_to_each_field(ruth, ruths_draft):
    ruths_draft.publication.hotlink_pictures = True
    ruths_draft.publication.save()
    Article.objects.update(
        image_alt="", image_url="https://x.example/a.jpg", image_width=600, image_height=400
    )
    first, second = order(ruths_draft)[:2]
    Article.objects.exclude(pk__in=[first, second]).update(image_url="")
    page = document(ruth.get(HERE))
    [summary] = page.cssselect(".undescribed summary")
    assert summary.text == "2 pictures have no description for readers who cannot see them"
    links = [each.get("href") for each in page.cssselect(".undescribed a")]
    assert links == [f"{HERE}?edit=article%3A{each}#edit-alt" for each in (first, second)]
    assert document(ruth.get(links[0])).cssselect("#edit-alt")
    assert "Picture without description" not in text(ruth.get(HERE))


def test_who_made_an_article_the_lead_is_not_told_of_a_pin(ruth, ruths_draft):
    second = order(ruths_draft)[1]
    answer = ruth.post(f"{HERE}articles/{second}/", {"act": "lead"}, headers=HTMX)
    assert "will stay if the articles are chosen again" in text(answer)
    row = document(ruth.get(HERE)).cssselect("[data-order] .entry")[0]
    words = [each.text_content().strip() for each in row.cssselect("button.menu-item")]
    assert not [each for each in words if each.startswith(("Pin", "Unpin"))]
    assert [
        each
        for each in words
        if each.startswith("Allow this article to be replaced if articles are chosen again")
    ]


def test_an_article_joins_the_section_under_whose_heading_it_was_dropped(ruth, ruths_draft):
    edit_issue_articles.move_to_section(ruths_draft, article(ruths_draft, 2), "From readers")
    readers = next(item for item in items_to_print(ruths_draft) if item.section == "From readers")
    moved = article(ruths_draft, 3)
    ruth.post(
        f"{HERE}move/",
        {"key": f"article:{moved}", "before": f"article:{readers.article_id}", "section": "From readers"},
    )
    assert ruths_draft.items.get(article=moved).section == "From readers"


@pytest.mark.parametrize(("act", "says"), [("hide", "was left out"), ("show", "was put back")])
def test_a_block_is_left_out_and_put_back(ruth, ruths_draft, act, says):
    block = ruths_draft.publication.blocks.first()
    if act == "show":
        edit_issue_blocks.hide_block(ruths_draft, block.name)
    answer = ruth.post(f"{HERE}blocks/{block.name}/", {"act": act}, follow=True)
    assert says in text(answer)
    assert (str(block) in titles(answer)) is (act == "show")


def test_a_block_is_moved_and_edited_in_form_fields_without_json(ruth, ruths_draft):
    appeal = StandingBlock.objects.create(
        publication=ruths_draft.publication,
        name="flood",
        kind="appeal",
        title="Flood",
        data={"amounts": [{"amount": "5", "url": "https://example.org/5"}], "button": "Give"},
    )
    ruth.post(f"{HERE}move/", {"key": "block:flood", "before": f"article:{article(ruths_draft, 1)}"})
    page = ruth.get(f"{HERE}?edit=block:flood")
    assert titles(page)[0] == "Flood"
    form = next(f for f in document(page).forms if f.action.endswith("blocks/flood/edit/"))
    fields = dict(form.fields)
    assert (fields["data-button"], fields["amounts-0-amount"]) == ("Give", "5")
    fields |= {"title": "The flood", "amounts-1-amount": "20", "amounts-1-url": "https://example.org/20"}
    ruth.post(f"{HERE}blocks/flood/edit/", fields)
    row = ruths_draft.blocks.get()
    assert row.title == "The flood"
    assert [each["amount"] for each in row.data["amounts"]] == ["5", "20"]
    assert appeal.title == "Flood"


def test_a_wrong_field_of_a_block_is_named_by_its_label_and_what_was_typed_is_shown_again(ruth, ruths_draft):
    edit_issue_blocks.add_block(ruths_draft, "appeal", title="Flood", body="", data={})
    key = key_of(ruths_draft.blocks.get())
    answer = ruth.post(f"{HERE}blocks/{key}/edit/", {"title": "Typed", "body": "", "data-target": "many"})
    assert answer.status_code == 422
    assert "Target" in document(answer).cssselect("[role=alert]")[0].text_content()
    assert document(answer).get_element_by_id("data-target").get("aria-invalid") == "true"
    assert 'value="Typed"' in text(answer)
    assert 'value="many"' in text(answer)


def test_a_block_of_this_issue_alone_is_added_and_removed(ruth, ruths_draft):
    assert "Notice" in text(ruth.get(f"{HERE}add-block/"))
    form = {"kind": "notice", "title": "Closed on Friday", "body": "Back on Monday."}
    assert 'name="kind" value="notice"' in text(ruth.get(f"{HERE}add-block/?kind=notice"))
    assert "Closed on Friday" in titles(ruth.post(f"{HERE}add-block/", form, follow=True))
    key = key_of(IssueBlock.objects.get())
    ruth.post(f"{HERE}blocks/{key}/", {"act": "remove"})
    assert not IssueBlock.objects.exists()


def test_headline_text_and_section_are_changed_in_place_and_put_back_as_on_the_site(ruth, ruths_draft):
    number = article(ruths_draft, 2)
    page = ruth.get(f"{HERE}?edit=article:{number}")
    form = next(f for f in document(page).forms if f.action.endswith(f"articles/{number}/edit/"))
    fields = dict(form.fields)
    title = ruths_draft.items.get(article=number).article.title
    assert fields["headline"].strip() == title
    fields |= {"headline": "Ten years of listening", "section": "From readers"}
    answer = ruth.post(f"{HERE}articles/{number}/edit/", _clean(fields), follow=True)
    assert "was saved for this issue. It is now in the section “From readers”." in answer.content.decode()
    item = ruths_draft.items.get(article=number)
    assert (item.headline, item.blurb, item.section) == ("Ten years of listening", "", "From readers")
    fields = {
        "headline": "Ten years of listening",
        "version-headline": text_version("Ten years of listening"),
        "as_on_site": "headline",
    }
    ruth.post(f"{HERE}articles/{number}/edit/", fields)
    assert ruths_draft.items.get(article=number).headline == ""


def test_a_headline_that_a_colleague_changed_meanwhile_is_not_overwritten(ruth, ruths_draft, people):
    number = article(ruths_draft, 2)
    with acting_as(people["amir"]):
        edit_issue_articles.set_headline(ruths_draft, number, "Amir's headline")
    fields = {"headline": "Ruth's headline", "version-headline": text_version("")}
    answer = ruth.post(f"{HERE}articles/{number}/edit/", fields)
    assert answer.status_code == 409
    assert "Amir&#39;s headline" in text(answer)
    assert "Ruth&#39;s headline" in text(answer)
    assert ruths_draft.items.get(article=number).headline == "Amir's headline"


def test_a_change_to_an_approved_issue_asks_before_it_ends_the_approval(ruth, ruths_draft):
    approve(ruths_draft)
    number = article(ruths_draft, 2)
    fields = {"headline": "Other", "version-headline": text_version("")}
    answer = ruth.post(f"{HERE}articles/{number}/edit/", fields)
    assert answer.status_code == 409
    assert "somebody must approve the issue again" in text(answer)
    again = next(f for f in document(answer).forms if f.action.endswith(f"articles/{number}/edit/"))
    ruth.post(f"{HERE}articles/{number}/edit/", fields | {"agreed": again.fields["agreed"]})
    assert ruths_draft.items.get(article=number).headline == "Other"


def test_a_picture_is_uploaded_described_left_out_and_put_back(ruth, ruths_draft):
    number = article(ruths_draft, 2)
    act = f"{HERE}articles/{number}/edit/"
    file = SimpleUploadedFile("harbour.jpg", saved(photo(900, 600)), "image/jpeg")
    answer = ruth.post(act, {"picture_file": file, "alt": ""})
    assert answer.status_code == 422
    assert "Describe “harbour.jpg”" in text(answer)
    file.seek(0)
    ruth.post(act, {"picture_file": file, "alt": "The harbour"})
    assert ruths_draft.items.get(article=number).picture_alt == "The harbour"
    assert (
        f"/media/{ruths_draft.items.get(article=number).picture.versions.get(place='thumbnail').file}"
        in text(ruth.get(HERE))
    )
    ruth.post(act, {"picture": "none", "alt": "The harbour"})
    assert ruths_draft.items.get(article=number).without_picture
    ruth.post(act, {"picture": "site"})
    item = ruths_draft.items.get(article=number)
    assert (item.picture, item.without_picture) == (None, False)


@pytest.mark.parametrize(
    ("data", "says"), [(b"%PDF-1.4", "“notes.pdf”"), (bytes(15_000_001), "larger than 15 MB")]
)
def test_an_upload_that_is_no_picture_is_named_with_what_to_do(ruth, ruths_draft, data, says):
    file = SimpleUploadedFile("notes.pdf", data)
    answer = ruth.post(
        f"{HERE}articles/{article(ruths_draft, 2)}/edit/", {"picture_file": file, "alt": "Notes"}
    )
    assert answer.status_code == 422
    assert says in text(answer)


def test_an_article_is_excluded_for_good_and_that_is_taken_back(ruth, ruths_draft):
    number = article(ruths_draft, 2)
    ruth.post(f"{HERE}articles/{number}/", {"act": "exclude"})
    page = text(ruth.get(HERE))
    assert "Left out (1)" in page
    assert "Excluded from the newsletter" in page
    ruth.post(f"{HERE}articles/{number}/", {"act": "include"})
    assert number in order(ruths_draft)
    assert not Article.objects.get(pk=number).excluded


def test_an_article_is_searched_and_added_and_one_of_another_issue_is_said_and_used_again(
    ruth, ruths_draft, people
):
    number = article(ruths_draft, 2)
    Issue.objects.filter(pk=ruths_draft.pk).update(number=7)
    with acting_as(people["ruth"]):
        empty = Issue.objects.create(
            publication=ruths_draft.publication, number=8, composed_at=ruths_draft.composed_at
        )
    there = "/desk/issues/harbour-letter/8/"
    word = Article.objects.get(pk=number).title.split()[0]
    assert "We found no more articles" in text(ruth.get(f"{there}add/", {"q": word, "unused": "yes"}))
    page = text(ruth.get(f"{there}add/", {"q": word}))
    assert "In issue 7" in page
    assert "Use again" in page
    answer = ruth.post(f"{there}add/", {"article": number})
    assert answer.status_code == 409
    assert "already in issue 7" in text(answer)
    ruth.post(f"{there}add/", {"article": number, "again": "1"})
    assert order(empty) == [number]
    assert "data-order" not in text(ruth.get(f"{there}add/?q={word}", headers=HTMX))


def test_contents_says_that_the_email_has_corrections_and_leads_to_them(ruth, people, ruths_draft):
    Issue.objects.filter(pk=ruths_draft.pk).update(state=Issue.State.SENT, sent_at=timezone.now())
    with acting_as(people["ruth"]):
        draft_empty(ruths_draft.publication)
    there = "/desk/issues/harbour-letter/2/"
    assert "tells readers about" not in text(ruth.get(there))
    with acting_as(people["ada"]):
        make_correction(article(ruths_draft, 0), CorrectionText(right="It was 12, not 21."))
    page = text(ruth.get(there))
    assert "this email tells readers about" in page
    assert 'href="/desk/corrections/?publication=harbour-letter">1 correction<' in page


def test_an_article_is_written_here_and_is_in_the_issue_at_once(ruth, ruths_draft):
    answer = ruth.post(f"{HERE}add/write/", {"title": "", "markdown": "Back on Monday."})
    assert answer.status_code == 422
    assert "Back on Monday." in text(answer)
    ruth.post(f"{HERE}add/write/", {"title": "Closed on Friday", "markdown": "Back on Monday."})
    assert Article.objects.get(title="Closed on Friday").pk in order(ruths_draft)


def test_choosing_the_articles_again_says_first_what_will_change(ruth, ruths_draft):
    page = text(ruth.get(f"{HERE}again/"))
    assert "Choose the articles again?" in page
    dropped = article(ruths_draft, 2)
    Article.objects.filter(pk=dropped).update(withdrawn_at=ruths_draft.composed_at)
    assert ruth.post(f"{HERE}again/").url == HERE


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("move/", HERE),
        ("add/link/", f"{HERE}add/"),
        ("articles/5/edit/", f"{HERE}?edit=article:5#entry-article-5"),
        ("blocks/news/edit/", f"{HERE}?edit=block:news#entry-block-news"),
        ("blocks/news/", HERE),
    ],
)
def test_a_get_on_the_address_of_an_act_leads_on(ruth, path, leads_to):
    answer = ruth.get(HERE + path)
    assert (answer.status_code, answer.url) == (303, leads_to)


def test_no_page_of_the_contents_shows_a_shell_command_or_a_database_number(ruth, ruths_draft):
    number = article(ruths_draft, 2)
    ruth.post(f"{HERE}articles/{number}/", {"act": "pin"})
    for path in (
        "",
        f"?edit=article:{number}",
        f"?move=article:{number}",
        "add/",
        "add/write/",
        "add-block/",
        "again/",
    ):
        answer = ruth.get(HERE + path)
        assert "<code>" not in text(answer)
        assert not re.search(r"\b[Aa]rticle \d", document(answer).cssselect("main")[0].text_content())


def test_a_hostile_article_does_nothing_on_the_page(ruth, ruths_draft, people):
    item = ruths_draft.items.order_by("position")[1]
    Article.objects.filter(pk=item.article_id).update(
        title=EVIL,
        standfirst=EVIL,
        image_alt=EVIL,
        image_url="javascript:alert(1)",
        topics=[EVIL],
        language=EVIL[:30],
    )
    item.headline, item.blurb, item.section, item.picture_alt = EVIL, EVIL, EVIL, EVIL
    item.save()
    with acting_as(people["ruth"]):
        edit_issue_blocks.add_block(ruths_draft, "notice", title=EVIL, body=EVIL, data={})
    key = key_of(IssueBlock.objects.get(block=None))
    for path in ("", f"?edit=article:{item.article_id}", f"?move=article:{item.article_id}", f"?edit=block:{key}",
                 f"?move=block:{key}", "add/?q=script", "again/"):  # fmt: skip
        for headers in ({}, HTMX):
            page = document(ruth.get(HERE + path, headers=headers))
            assert not [each for each in page.iter("script") if not each.get("src")]
            for element in page.iter():
                if isinstance(element.tag, str):
                    assert not [name for name in element.attrib if name.startswith("on")], element.tag
                    assert "javascript:" not in (element.get("href") or "") + (element.get("src") or "")
            assert not page.xpath("//img[@src='x']")


@pytest.mark.parametrize("count", [1, 60])
def test_the_page_needs_few_queries_however_many_articles_there_are(
    ruth, ruths_draft, count, django_assert_max_num_queries
):
    first = Article.objects.first()
    for number in range(count):
        first.pk, first.identity, first.title = None, f"{number:032}", f"Article {number}"
        first.url = f"https://example.org/{number}"
        first.save(force_insert=True)
        ruths_draft.items.create(article=first, position=100 + number, section="More")
    with django_assert_max_num_queries(30):
        ruth.get(HERE)
    with django_assert_max_num_queries(30):
        ruth.get(f"{HERE}?edit=article:{first.pk}")
    with django_assert_max_num_queries(30):
        ruth.get(f"{HERE}add/")


def _clean(fields):
    return {name: value for name, value in fields.items() if value is not None}


def test_a_sent_issue_shows_the_blocks_that_were_sent(desk_of, people, ruths_draft, amara):
    """Since then, one was changed, one removed, one hidden by its dates, and one added."""
    publication = ruths_draft.publication
    fields = {"publication": publication, "kind": "notice", "body": "A boat."}
    for number, title in enumerate(("As it was", "Removed", "Until today", "Left out here")):
        StandingBlock.objects.create(name=f"b{number}", title=title, position=number, **fields)
    IssueBlock.objects.create(issue=ruths_draft, block=StandingBlock.objects.get(name="b3"), hidden=True)
    IssueBlock.objects.create(
        issue=ruths_draft, kind="notice", content={"title": "Only here", "body": "Hello."}
    )
    with acting_as(people["amir"]):
        mailing = planned_mailing(ruths_draft)
    while send_next_batch(mailing.pk):
        pass
    StandingBlock.objects.filter(name="b0").update(title="As it is now", kind="copyright")
    StandingBlock.objects.filter(name="b1").delete()
    StandingBlock.objects.filter(name="b2").update(ends_on="2020-01-01")
    StandingBlock.objects.create(name="b4", title="Added", position=9, **fields)
    page = desk_of("amir").get(HERE)
    mine = ["As it was", "Removed", "Until today", "Only here", "As it is now", "Added", "Left out here"]
    assert [title for title in titles(page) if title in mine] == mine[:4]
    left_out = text(page).partition('<details class="left-out"')[2]
    assert "Left out here" in left_out
    assert "As it is now" not in text(page)
    assert "Added" not in titles(page)
    Approval.objects.update(blocks=None)
    assert "As it is now" in titles(desk_of("amir").get(HERE))
