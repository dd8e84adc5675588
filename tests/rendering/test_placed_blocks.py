"""Blocks that an editor moves among the articles of one issue, hides, changes or adds: what readers see of them."""

import re

import pytest

from newsletter.issues import edit_issue_blocks
from newsletter.issues.edit_issue_articles import set_headline
from newsletter.issues.models import Issue
from newsletter.issues.move_in_order import move_before
from newsletter.rendering.render_email import render_email
from tests.rendering.email_rules import broken_rules
from tests.rendering.example_issues import MORNING, add_blocks, edit, publish, write

pytestmark = pytest.mark.django_db
TITLES = ("Lead story", "Second story", "Third story", "Fourth story")
WORDS = {
    "appeal": "Help us to answer the phone",
    "promotion": "How to read a study",
    "notice": "Information, not advice",
    "social": "Bluesky",
}


@pytest.fixture(params=["classic", "plain"])
def issue(request):
    publication = publish(theme=request.param)
    add_blocks(publication)
    return edit(publication, [write(title) for title in TITLES], sections=("Research", "Living well"))


def article(issue, title):
    return f"article:{issue.items.get(article__title=title).article_id}"


def order(text, *words):
    """The order of some words by where they last stand in a text: the preheader repeats some."""
    places = {word: text.rfind(word) for word in words}
    assert -1 not in places.values(), places
    return sorted(places, key=lambda word: places[word])


def parts(issue):
    email = render_email(Issue.objects.get(pk=issue.pk))
    assert broken_rules(email.html) == []
    return email.html, email.text, email.page


def test_a_block_stands_where_it_was_moved_in_html_text_and_web_page(issue):
    move_before(issue, "block:appeal", article(issue, "Lead story"))
    move_before(issue, "block:promotion", article(issue, "Fourth story"))
    move_before(issue, "block:social", article(issue, "Second story"))
    for part in parts(issue):
        words = (WORDS["appeal"], WORDS["promotion"], WORDS["social"], WORDS["notice"], *TITLES)
        assert order(part, *words) == [
            WORDS["appeal"],
            "Lead story",
            WORDS["social"],
            "Second story",
            "Third story",
            WORDS["promotion"],
            "Fourth story",
            WORDS["notice"],
        ]
        assert part.count(WORDS["appeal"]) == 1


def test_a_block_before_the_first_article_of_a_section_stands_above_its_heading(issue):
    first = issue.items.filter(section="Living well").order_by("position").first()
    move_before(issue, "block:appeal", f"article:{first.article_id}")
    for part in parts(issue):
        assert order(part, WORDS["appeal"], "Living well") == [WORDS["appeal"], "Living well"]


def test_a_hidden_block_is_not_shown_and_a_changed_one_says_its_own_words(issue):
    edit_issue_blocks.hide_block(issue, "appeal")
    edit_issue_blocks.edit_block(
        issue, "notice", title="Closed on Friday", body="Back on **Monday**.", data={}
    )
    key = edit_issue_blocks.add_block(
        issue, "promotion", title="Harbour walk", body="", data={"date": "Sunday at ten"}
    )
    move_before(issue, f"block:{key}", article(issue, "Third story"))
    for part in parts(issue):
        assert WORDS["appeal"] not in part
        assert WORDS["notice"] not in part
        assert "Closed on Friday" in part
        assert order(part, "Harbour walk", "Sunday at ten", "Third story") == [
            "Harbour walk",
            "Sunday at ten",
            "Third story",
        ]


def test_an_issue_that_changes_nothing_about_its_blocks_is_rendered_the_same_as_before(issue):
    before = parts(issue)
    move_before(issue, "block:appeal", article(issue, "Third story"))
    edit_issue_blocks.hide_block(issue, "notice")
    set_headline(issue, int(article(issue, "Second story").removeprefix("article:")), "Other")
    assert parts(issue) != before
    move_before(issue, "block:appeal", "block:promotion")
    edit_issue_blocks.show_block(issue, "notice")
    set_headline(issue, int(article(issue, "Second story").removeprefix("article:")), "")
    assert parts(issue) == before


def test_a_hostile_block_of_one_issue_is_shown_as_text():
    publication = publish()
    issue = edit(publication, [write()])
    edit_issue_blocks.add_block(
        issue, "notice", title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>", data={}
    )
    email = render_email(Issue.objects.get(pk=issue.pk))
    for part in (email.html, email.page):
        assert not re.search(r"<script|<img[^>]*onerror", part)
        assert "&lt;script&gt;" in part


def test_an_issue_of_one_block_and_no_article_is_an_email():
    issue = Issue.objects.create(publication=publish(), number=1, composed_at=MORNING)
    edit_issue_blocks.add_block(
        issue,
        "appeal",
        title="The flood",
        body="Please help today.",
        data={"url": "https://example.org/give"},
    )
    for part in parts(issue):
        assert "The flood" in part
        assert "https://example.org/give" in part
