"""The blocks of one issue: moved among the articles, hidden, changed, and its own."""

from datetime import date

import pytest

from newsletter.articles.models import Article
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues import edit_issue_articles, edit_issue_blocks, edit_issue_texts
from newsletter.issues.change_publications import edit_block as edit_standing_block
from newsletter.issues.change_publications import remove_block
from newsletter.issues.compose import compose
from newsletter.issues.issue_audit import entries
from newsletter.issues.issue_snapshot import take_snapshot
from newsletter.issues.issue_version_diff import version_changes
from newsletter.issues.issue_versions import newest_version
from newsletter.issues.item_order import items_to_print
from newsletter.issues.item_pictures import remove_picture
from newsletter.issues.models import Issue, IssueBlock, Item, StandingBlock
from newsletter.issues.move_in_order import move_before
from newsletter.issues.recompose import recompose_issue, what_recomposing_changes
from newsletter.issues.restore_version import restore_version, undo_change
from newsletter.issues.running_order import blocks_of, key_of, running_order, why_nothing_to_send

BLOCKS = {"appeal": "appeal", "book": "promotion", "stories": "community", "social": "social"}
DAY = date(2026, 11, 9)


@pytest.fixture
def issue(make_publication, write, noon):
    """A leads, then Research B, C, then Living D, E; after them an appeal, a book, stories, and social links."""
    sections = [{"title": "Research", "topics": ["research"]}, {"title": "Living", "topics": ["living"]}]
    topics = {"A": "living", "B": "research", "C": "research", "D": "living", "E": "living"}
    for hours, title in enumerate("ABCDE", start=1):
        write(title, hours=hours, topics=[topics[title]])
    publication = make_publication(sections=sections)
    for position, (name, kind) in enumerate(BLOCKS.items(), start=1):
        StandingBlock.objects.create(
            publication=publication, name=name, kind=kind, position=position, title=name.title()
        )
    return compose(publication, now=noon)


def order(issue, *, hidden=True):
    """The running order: A, B, C are articles, the others blocks."""
    fresh = Issue.objects.get(pk=issue.pk)
    entries = running_order(items_to_print(fresh), blocks_of(fresh))
    shown = [entry for entry in entries if isinstance(entry, Item) or hidden or not entry.hidden]
    return " ".join(entry.article.title if isinstance(entry, Item) else key_of(entry) for entry in shown)


def article(title):
    return f"article:{Article.objects.get(title=title).pk}"


def number(title):
    return Article.objects.get(title=title).pk


def test_blocks_follow_the_articles_until_somebody_moves_them(issue):
    assert order(issue) == "A B C D E appeal book stories social"
    assert not IssueBlock.objects.exists()


@pytest.mark.parametrize(
    ("moved", "before", "after"),
    [
        ("block:appeal", "A", "appeal A B C D E book stories social"),
        ("block:book", "C", "A B book C D E appeal stories social"),
        ("block:stories", "block:appeal", "A B C D E stories appeal book social"),
        ("block:appeal", "block:social", "A B C D E book stories appeal social"),
        ("block:appeal", "", "A B C D E book stories appeal social"),
        ("block:social", "block:appeal", "A B C D E appeal book stories social"),
        ("block:social", "B", "A social B C D E appeal book stories"),
        ("B", "", "A C D E B appeal book stories social"),
        ("E", "B", "A E B C D appeal book stories social"),
    ],
)
def test_a_block_or_an_article_moves_before_another_one_in_one_act(issue, moved, before, after):
    move_before(issue, *(key if ":" in key or not key else article(key) for key in (moved, before)))
    assert order(issue) == after


def test_a_block_moved_back_to_its_usual_place_is_stored_no_longer(issue):
    move_before(issue, "block:appeal", article("B"))
    assert IssueBlock.objects.count() == 1
    move_before(issue, "block:appeal", "block:book")
    assert order(issue) == "A B C D E appeal book stories social"
    assert not IssueBlock.objects.exists()


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (lambda i: edit_issue_articles.move(i, number("E"), to=2), "A E B appeal C D book stories social"),
        (lambda i: edit_issue_articles.move(i, number("B"), to=3), "A C B appeal D E book stories social"),
        (lambda i: edit_issue_articles.drop(i, number("B")), "A appeal C D E book stories social"),
        (lambda i: edit_issue_articles.drop(i, number("C")), "A B appeal D E book stories social"),
        (lambda i: edit_issue_articles.make_lead(i, number("E")), "E B appeal C A D book stories social"),
        (
            lambda i: edit_issue_articles.move_to_section(i, number("A"), "Research"),
            "A B appeal C D E book stories social",
        ),
        (lambda i: edit_issue_articles.set_headline(i, number("B"), "Bee"), "A B appeal C D E book stories social"),
    ],
)  # fmt: skip
def test_a_block_stays_between_the_same_articles_when_others_move(issue, change, after):
    move_before(issue, "block:appeal", article("C"))
    change(issue)
    assert order(issue) == after


def test_a_block_keeps_its_place_when_the_articles_are_chosen_again(issue, write, later):
    move_before(issue, "block:appeal", article("D"))
    write("F", at=later, topics=["research"])
    recompose_issue(issue, now=later)
    assert order(issue) == "F B C A appeal D E book stories social"


def test_an_article_that_is_added_last_stands_before_the_blocks_after_the_articles(issue, write):
    write("F", hours=3000, topics=["living"])
    move_before(issue, "block:book", "block:appeal")
    edit_issue_articles.add(issue, number("F"))
    assert order(issue) == "A B C D E F book appeal stories social"


def test_an_article_withdrawn_by_its_source_moves_no_block(issue):
    move_before(issue, "block:appeal", article("D"))
    Article.objects.filter(title="B").update(withdrawn_at=issue.composed_at)
    assert order(issue) == "A C appeal D E book stories social"


def test_a_hidden_block_is_put_back_where_it_was(issue):
    move_before(issue, "block:appeal", article("D"))
    edit_issue_blocks.hide_block(issue, "appeal")
    edit_issue_articles.drop(issue, number("B"))
    assert order(issue, hidden=False) == "A C D E book stories social"
    edit_issue_blocks.show_block(issue, "appeal")
    assert order(issue, hidden=False) == "A C appeal D E book stories social"


def test_a_block_is_changed_in_one_issue_and_the_rest_follows_the_standing_block(issue):
    edit_issue_blocks.edit_block(issue, "appeal", title="Before Sunday", body="", data={"button": "Give"})
    edit_standing_block(issue.publication, "appeal", {"body": "New text.", "title": "Other"})
    block = next(each for each in blocks_of(issue) if key_of(each) == "appeal")
    assert (block.title, block.body, block.data) == ("Before Sunday", "New text.", {"button": "Give"})
    edit_issue_blocks.restore_block(issue, "appeal")
    assert next(each for each in blocks_of(issue) if key_of(each) == "appeal").title == "Other"
    assert not IssueBlock.objects.exists()


def test_a_block_of_this_issue_alone_is_added_changed_moved_and_removed(issue):
    key = edit_issue_blocks.add_block(
        issue, "notice", title="Closed on Friday", body="Back on Monday.", data={}
    )
    assert order(issue) == f"A B C D E appeal book stories {key} social"
    move_before(issue, f"block:{key}", article("A"))
    edit_issue_blocks.edit_block(issue, key, title="Closed on Thursday", body="Back on Monday.", data={})
    assert order(issue) == f"{key} A B C D E appeal book stories social"
    edit_issue_blocks.remove_own_block(issue, key)
    assert order(issue) == "A B C D E appeal book stories social"


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda i: edit_issue_blocks.add_block(i, "banner", title="", body="", data={}), Invalid, "kind of block"),
        (lambda i: edit_issue_blocks.edit_block(i, "appeal", title="x" * 201, body="", data={}), Invalid, "most 200"),
        (lambda i: edit_issue_blocks.edit_block(i, "appeal", title="", body="x" * 50_001, data={}), Invalid, "50,001"),
        (lambda i: edit_issue_blocks.edit_block(i, "book", title="", body="", data={"url": "data:,"}), Invalid, "url"),
        (lambda i: edit_issue_blocks.hide_block(i, "gone"), NotFound, "no longer in issue 1"),
        (lambda i: edit_issue_blocks.remove_own_block(i, "appeal"), Refused, "appears in every issue"),
        (lambda i: move_before(i, "block:gone", ""), NotFound, "no longer in issue 1"),
    ],
)  # fmt: skip
def test_a_change_to_a_block_that_cannot_be_made_is_refused_with_a_sentence(issue, change, error, says):
    with pytest.raises(error, match=says):
        change(issue)
    assert not IssueBlock.objects.exists()


def test_a_removed_standing_block_leaves_the_drafts_that_changed_it(issue):
    move_before(issue, "block:appeal", article("B"))
    remove_block(issue.publication, "appeal")
    assert order(issue) == "A B C D E book stories social"


def test_another_issue_takes_over_the_blocks_of_an_earlier_one(issue, write, later):
    move_before(issue, "block:appeal", article("B"))
    edit_issue_blocks.hide_block(issue, "book")
    edit_issue_blocks.add_block(issue, "notice", title="Closed", body="", data={})
    for title in "FG":
        write(title, at=later)
    second = compose(issue.publication, now=later)
    edit_issue_blocks.copy_blocks(issue, second)
    own = second.blocks.get(block=None)
    assert order(second, hidden=False) == f"G appeal F stories {key_of(own)} social"
    assert own.title == "Closed"


def test_the_history_names_articles_and_blocks_by_their_titles(issue):
    edit_issue_articles.move(issue, number("D"), to=2)
    move_before(issue, "block:appeal", article("C"))
    edit_issue_blocks.hide_block(issue, "book")
    edit_issue_articles.drop(issue, number("E"))
    edit_issue_articles.set_headline(issue, number("B"), "Ten years of listening")
    edit_issue_articles.pin(issue, number("B"))
    assert [entry.sentence for entry in entries(issue=issue)[:6]] == [
        "Pinned “Ten years of listening”.",
        "Changed the headline for “B”.",
        "Removed “E” from the issue.",
        "Left out the block “Book”.",
        "Moved the block “Appeal” before “C”.",
        "Moved “D” to position 2.",
    ]


def test_an_issue_without_articles_needs_an_introduction_or_a_block(weekly, noon):
    issue = Issue.objects.create(publication=weekly, number=1, composed_at=noon)
    assert "is empty" in why_nothing_to_send(issue, DAY)
    StandingBlock.objects.create(publication=weekly, name="legal", kind="copyright", body="©")
    assert "is empty" in why_nothing_to_send(issue, DAY)
    key = edit_issue_blocks.add_block(issue, "appeal", title="Flood", body="Please help.", data={})
    assert not why_nothing_to_send(issue, DAY)
    edit_issue_blocks.hide_block(issue, key)
    assert "is empty" in why_nothing_to_send(issue, DAY)
    edit_issue_texts.set_opening(issue, "Dear reader")
    assert not why_nothing_to_send(issue, DAY)


def test_what_choosing_the_articles_again_would_change_is_known_before(issue, write, later):
    issue.selection = {**issue.selection, "at_most": 5}
    issue.save()
    edit_issue_articles.set_headline(issue, number("A"), "Mine")
    write("F", at=later, topics=["research"])
    found = what_recomposing_changes(issue, now=later)
    assert [each.title for each in found.comes] == ["F"]
    assert [item.article.title for item in found.goes] == ["E"]
    recompose_issue(issue, now=later)
    assert sorted(item.article.title for item in items_to_print(issue)) == list("ABCDF")


def test_undo_and_restore_bring_blocks_back_as_they_were(issue):
    move_before(issue, "block:appeal", article("C"))
    key = edit_issue_blocks.add_block(issue, "notice", title="Closed", body="Back soon.", data={})
    move_before(issue, f"block:{key}", article("A"))
    arranged, number_then = order(issue), newest_version(issue)
    edit_issue_blocks.remove_own_block(issue, key)
    undo_change(issue, newest_version(issue))
    assert order(issue) == arranged
    assert issue.blocks.get(block=None).title == "Closed"
    edit_issue_blocks.edit_block(issue, "appeal", title="Other", body="Text", data={})
    edit_issue_blocks.hide_block(issue, "book")
    move_before(issue, article("E"), article("B"))
    edit_issue_blocks.remove_own_block(issue, key)
    restore_version(issue, number_then)
    assert order(issue) == arranged
    assert not issue.blocks.exclude(content={}).exclude(block=None).exists()
    assert not issue.blocks.filter(hidden=True).exists()


def test_a_removed_picture_comes_back_by_undo(issue):
    remove_picture(issue, number("B"))
    undo_change(issue, newest_version(issue))
    assert not issue.items.filter(without_picture=True).exists()


def test_what_differs_between_versions_is_said_of_blocks_by_their_titles(issue):
    before = take_snapshot(issue)
    edit_issue_blocks.edit_block(issue, "appeal", title="Before Sunday", body="", data={"button": "Give"})
    edit_issue_blocks.hide_block(issue, "book")
    move_before(issue, "block:stories", article("B"))
    edit_issue_blocks.add_block(issue, "notice", title="Closed", body="", data={})
    assert [each.sentence for each in version_changes(before, take_snapshot(issue))] == [
        "Title for the block “Before Sunday”",
        "Changed the links or figures in the block “Before Sunday”.",
        "Left out the block “Book”.",
        "Moved the block “Stories”.",
        "Added the block “Closed”.",
    ]
