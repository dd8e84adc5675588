"""Every change to an issue leaves a version, which can be compared, restored and undone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article
from newsletter.errors import NotFound, Refused
from newsletter.issues import edit_issue_articles, edit_issue_texts, issue_versions
from newsletter.issues.autosaved_texts import text_field, text_version
from newsletter.issues.compose import compose
from newsletter.issues.exclude_articles import exclude_article
from newsletter.issues.issue_version_models import IssueVersion
from newsletter.issues.issue_versions import version_at, versions_of
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import AuditEntry, Issue, Item
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.restore_version import restore_version, undo_change
from newsletter.issues.save_texts_without_overwriting import TypedText, save_text

RUTH = Actor("ruth", frozenset({Role.EDITOR}), 1)
AMIR = Actor("amir", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}), 2)


@pytest.fixture
def issue(weekly, write, noon):
    """A, B, C and D, newest first, composed by the system."""
    for hours, title in enumerate("ABCD", start=1):
        write(title, hours=hours)
    return compose(weekly, now=noon)


@pytest.fixture
def key(db):
    return lambda title: Article.objects.get(title=title).pk


def order(issue):
    return "".join(item.article.title for item in items_to_print(issue))


def sentences(issue):
    return [version.sentence for version in versions_of(issue)]


def content(issue):
    items = Item.objects.filter(issue=issue).order_by("position")
    fields = (
        "article_id",
        "section",
        "lead",
        "pinned",
        "dropped",
        "headline",
        "blurb",
        "picture_id",
        "picture_alt",
    )
    texts = Issue.objects.values("subject", "preheader", "opening", "selection", "composed_at").get(
        pk=issue.pk
    )
    return texts, list(items.values(*fields))


def type_text(issue, text, *, field="opening", started_from=None):
    at = text_field(Issue.objects.get(pk=issue.pk), field).text if started_from is None else started_from
    return save_text(issue, TypedText(field=field, text=text, started_from=text_version(at)))


def test_composing_and_each_change_leave_a_version_with_who_and_what(issue, key):
    with acting_as(RUTH):
        edit_issue_texts.set_opening(issue, "Dear reader,")
        edit_issue_articles.move(issue, key("D"), to=2)
    newest, middle, first = versions_of(issue)
    assert (first.number, first.sentence) == (1, "Started the issue with 4 articles.")
    assert (middle.number, middle.actor, middle.account) == (2, "ruth", 1)
    assert middle.sentence == "Changed the introduction."
    assert newest.number == 3


def test_an_issue_from_before_versions_keeps_what_it_was(issue):
    IssueVersion.objects.all().delete()
    edit_issue_texts.set_opening(issue, "Dear reader,")
    newest, first = versions_of(issue)
    assert version_at(issue, first.number).snapshot["texts"]["opening"] == ""
    assert version_at(issue, newest.number).snapshot["texts"]["opening"] == "Dear reader,"


def test_a_change_that_changes_nothing_leaves_no_version(issue):
    edit_issue_texts.set_opening(issue, "")
    assert sentences(issue) == ["Started the issue with 4 articles."]


def test_a_change_that_fails_leaves_no_version(issue, key):
    with pytest.raises(NotFound):
        edit_issue_articles.move(issue, key("A") + 1_000, to=2)
    assert len(versions_of(issue)) == 1


def test_restoring_brings_back_every_text_and_every_item(issue, key):
    edit_issue_texts.set_opening(issue, "Dear reader,")
    edit_issue_articles.set_headline(issue, key("B"), "A better B")
    edit_issue_articles.drop(issue, key("C"))
    edit_issue_articles.make_lead(issue, key("D"))
    was, number = content(issue), versions_of(issue)[0].number
    edit_issue_texts.set_subject(issue, "Another subject")
    edit_issue_texts.set_opening(issue, "")
    edit_issue_articles.set_headline(issue, key("B"), "")
    edit_issue_articles.restore_dropped(issue, key("C"))
    edit_issue_articles.move(issue, key("A"), to=1)
    assert content(issue) != was
    assert restore_version(issue, number) == []
    assert content(issue) == was


def test_restoring_is_a_change_that_can_be_undone(issue):
    edit_issue_texts.set_opening(issue, "Dear reader,")
    before = content(issue)
    restore_version(issue, 1)
    assert issue.opening == ""
    assert sentences(issue)[0] == "Restored version 1: Started the issue with 4 articles."
    undo_change(issue, versions_of(issue)[0].number)
    assert content(issue) == before


def test_undoing_a_new_choice_of_articles_brings_the_old_articles_back(issue, write, key):
    was = content(issue)
    write("E", hours=0.5)
    recompose_issue(issue, now=issue.composed_at + timedelta(days=1))
    assert "E" in order(issue)
    undo_change(issue, versions_of(issue)[0].number)
    assert content(issue) == was


def test_undo_takes_back_one_change_and_leaves_later_changes_to_other_things(issue, key):
    with acting_as(RUTH):
        edit_issue_articles.move(issue, key("D"), to=2)
    with acting_as(AMIR):
        edit_issue_texts.set_opening(issue, "Dear reader,")
        edit_issue_texts.set_subject(issue, "Amir’s subject")
    with acting_as(RUTH):
        undo_change(issue, 2)
    assert order(issue) == "ABCD"
    assert (issue.opening, issue.subject) == ("Dear reader,", "Amir’s subject")


def test_undo_is_refused_with_who_changed_the_same_thing_since(issue):
    with acting_as(RUTH):
        edit_issue_texts.set_opening(issue, "Ruth’s introduction")
    with acting_as(AMIR):
        edit_issue_texts.set_opening(issue, "Amir’s introduction")
    with acting_as(RUTH), pytest.raises(Refused, match="amir has changed the same part of the issue again"):
        undo_change(issue, 2)
    assert issue.opening == "Amir’s introduction"


def test_a_suggested_subject_follows_an_undone_change_and_a_written_one_stays(issue, key):
    assert issue.subject == "A"
    edit_issue_articles.make_lead(issue, key("C"))
    assert issue.subject == "C"
    edit_issue_texts.set_preheader(issue, "Written by hand")
    undo_change(issue, 2)
    assert (issue.subject, issue.preheader) == ("A", "Written by hand")


def test_the_first_version_cannot_be_undone(issue):
    with pytest.raises(Refused, match="nothing to undo"):
        undo_change(issue, 1)


def test_an_excluded_article_comes_back_among_those_left_out(issue, key):
    number = key("B")
    edit_issue_texts.set_opening(issue, "Dear reader,")
    exclude_article(number)
    restore_version(issue, 1)
    assert order(issue) == "ACD"
    assert Item.objects.filter(issue=issue, article=number, dropped=False).exists()


def test_an_article_that_is_no_longer_stored_is_said_and_the_rest_comes_back(issue, write, key):
    gone = key("D")
    edit_issue_texts.set_opening(issue, "Dear reader,")
    Item.objects.filter(issue=issue, article=gone).delete()
    Article.objects.filter(pk=gone).delete()
    assert restore_version(issue, 1) == ["1 article is no longer stored and could not be restored."]
    assert order(issue) == "ABC"


def test_nothing_is_restored_or_undone_once_the_issue_is_sent(issue):
    edit_issue_texts.set_opening(issue, "Dear reader,")
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT)
    for act in (restore_version, undo_change):
        with pytest.raises(Refused, match="has been sent"):
            act(issue, 2 if act is undo_change else 1)


def test_a_version_that_does_not_exist_is_said(issue):
    with pytest.raises(NotFound, match="Version 9 of"):
        restore_version(issue, 9)


def test_what_one_person_types_within_a_minute_is_one_version_and_one_entry(issue):
    with time_machine.travel(datetime(2026, 11, 10, 9, 0, tzinfo=UTC), tick=False) as clock, acting_as(RUTH):
        for text in ("Dear", "Dear reader", "Dear reader, hello."):
            type_text(issue, text)
            clock.shift(10)
        assert len(versions_of(issue)) == 2
        assert version_at(issue, 2).snapshot["texts"]["opening"] == "Dear reader, hello."
        assert AuditEntry.objects.filter(issue=issue, act="edit").count() == 1
        clock.shift(60)
        type_text(issue, "Dear reader, hello. And on.")
    assert len(versions_of(issue)) == 3


def test_typing_that_loses_a_sentence_begins_another_version(issue):
    long = "Ten years of listening have taught us more than any survey could."
    with time_machine.travel(datetime(2026, 11, 10, 9, 0, tzinfo=UTC), tick=False), acting_as(RUTH):
        type_text(issue, long)
        type_text(issue, "")
    assert len(versions_of(issue)) == 3
    assert version_at(issue, 2).snapshot["texts"]["opening"] == long


def test_typing_of_two_people_in_two_fields_is_never_one_version(issue):
    with time_machine.travel(datetime(2026, 11, 10, 9, 0, tzinfo=UTC), tick=False):
        with acting_as(RUTH):
            type_text(issue, "Dear")
        with acting_as(AMIR):
            type_text(issue, "Dear reader")
            type_text(issue, "A subject", field="subject")
    assert [version.actor for version in versions_of(issue)[:3]] == ["amir", "amir", "ruth"]


def test_versions_are_bounded_and_keep_the_first_and_the_newest(issue, monkeypatch):
    monkeypatch.setattr(issue_versions, "AT_MOST", 6)
    monkeypatch.setattr(issue_versions, "NEWEST", 3)
    start = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        for number in range(12):
            edit_issue_texts.set_opening(issue, f"Introduction {number}")
            # Version 5 was shown for a day.
            clock.shift(86_400 if number == 3 else 60)
    numbers = [version.number for version in versions_of(issue)]
    assert len(numbers) == 6
    assert numbers[:3] == [13, 12, 11]
    assert numbers[-1] == 1
    assert 5 in numbers


def test_undoing_an_exclusion_for_good_brings_the_article_back_to_its_place(issue, key):
    edit_issue_articles.exclude_and_drop(issue, key("B"))
    undo_change(issue, versions_of(issue)[0].number)
    assert not Article.objects.get(title="B").excluded
    assert order(issue) == "ABCD"


def test_undoing_another_change_or_restoring_includes_no_excluded_article(issue, key):
    edit_issue_articles.exclude_and_drop(issue, key("B"))
    edit_issue_articles.drop(issue, key("C"))
    undo_change(issue, versions_of(issue)[0].number)
    assert order(issue) == "ACD"
    restore_version(issue, 1)
    assert Article.objects.get(title="B").excluded
    assert order(issue) == "ACD"
