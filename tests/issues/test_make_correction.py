"""Making a correction to an article that was sent, and which issue tells readers about it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.articles.models import Correction
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.article_corrections import corrections_since_last_issue
from newsletter.issues.compose import compose
from newsletter.issues.correct_article import (
    CorrectionText,
    change_correction,
    make_correction,
    remove_correction,
)
from newsletter.issues.models import Approval, AuditEntry, Issue

TEXT = CorrectionText(
    right="The study found 12 cases, not 21.",
    said="The study found 21 cases.",
    why="We misread a table.",
    wrong_since=date(2026, 11, 1),
    severity=Correction.Severity.SERIOUS,
)


def approve_at(issue, moment):
    Approval.objects.create(issue=issue, emails=[], digest="", day=moment.date(), approved_at=moment)


@pytest.fixture
def sent(weekly, write, noon):
    """An article that issue 1 sent. Issue 1 was approved an hour after noon."""
    article = write()
    issue = compose(weekly, now=noon)
    approve_at(issue, noon + timedelta(hours=1))
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT, sent_at=noon + timedelta(hours=2))
    return article


def make(article, moment, text=TEXT, **more):
    with time_machine.travel(moment, tick=False):
        return make_correction(article.pk, text, **more)


def test_a_correction_says_what_why_since_when_and_how_serious(sent, noon):
    made = make(sent, noon + timedelta(days=1))
    made.refresh_from_db()
    assert (made.said, made.text, made.why) == (TEXT.said, TEXT.right, TEXT.why)
    assert (made.wrong_since, made.severity) == (date(2026, 11, 1), "serious")
    assert (made.corrected_on, made.made_by) == (noon.date() + timedelta(days=1), "the system")
    entry = AuditEntry.objects.get(act="correction")
    assert (entry.publication.slug, entry.thing) == ("weekly", f"article {sent.pk}")
    assert entry.changes["text"] == [None, TEXT.right]


def test_the_next_issue_tells_readers_and_the_one_after_does_not(sent, weekly, write, noon, later):
    made = make(sent, noon + timedelta(days=1))
    assert corrections_since_last_issue(weekly) == [made]
    write(at=later - timedelta(hours=1))
    second = compose(weekly, now=later)
    assert corrections_since_last_issue(weekly, before=second) == [made]
    approve_at(second, later)
    assert corrections_since_last_issue(weekly, before=second) == [made]
    assert corrections_since_last_issue(weekly) == []


def test_one_made_while_the_next_issue_is_written_is_told_in_that_issue_alone(
    sent, weekly, write, noon, later
):
    write(at=later - timedelta(hours=1))
    second = compose(weekly, now=later)
    made = make(sent, later + timedelta(hours=1))
    assert corrections_since_last_issue(weekly, before=second) == [made]
    approve_at(second, later + timedelta(hours=2))
    assert corrections_since_last_issue(weekly) == []


def test_one_made_after_the_next_issue_was_approved_is_told_in_the_issue_after(
    sent, weekly, write, noon, later
):
    write(at=later - timedelta(hours=1))
    approve_at(compose(weekly, now=later), later)
    made = make(sent, later + timedelta(minutes=5))
    assert corrections_since_last_issue(weekly) == [made]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (CorrectionText(right=" \n "), "right"),
        (CorrectionText(right="x" * 2_001), "right"),
        (CorrectionText(right="x", said="x" * 2_001), "said"),
        (CorrectionText(right="It was [40](javascript:alert(1)), [Ana](javascript:alert(1))."), "right"),
        (CorrectionText(right="x", said="See [the\nstudy](https://example.org/a)."), "said"),
        (CorrectionText(right="x", why="See <https://example.org/a>."), "why"),
        (CorrectionText(right="x", severity="fatal"), "severity"),
        (CorrectionText(right="x", wrong_since=date(2027, 1, 1)), "wrong_since"),
    ],
)
def test_a_wrong_field_is_named(sent, noon, text, field):
    with pytest.raises(InvalidFields) as error:
        make(sent, noon + timedelta(days=1), text)
    assert list(error.value.fields) == [field]
    assert not Correction.objects.exists()


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_the_form(sent, noon):
    text = CorrectionText(
        right=" ", why="See <https://example.org/a>.", wrong_since=date(2027, 1, 1), severity="x"
    )
    with pytest.raises(InvalidFields) as error:
        make(sent, noon + timedelta(days=1), text)
    assert list(error.value.fields) == ["right", "why", "wrong_since", "severity"]


def test_addresses_footnotes_and_remarks_can_be_in_a_correction(sent, noon):
    right = "It was 40 [1], “teh [sic] moon” (see https://example.org/a and www.example.org)."
    assert make(sent, noon + timedelta(days=1), CorrectionText(right=right)).text == right


def test_an_article_that_was_never_sent_cannot_be_corrected(write, noon):
    with pytest.raises(Refused, match="has not been sent in an issue"):
        make(write(), noon)


def test_one_form_makes_one_correction(sent, noon):
    made = make(sent, noon + timedelta(days=1), form_key="once")
    with pytest.raises(AlreadyMadeError, match=str(made.pk)):
        make(sent, noon + timedelta(days=1), form_key="once")
    assert Correction.objects.count() == 1


def test_only_an_approver_of_every_publication_that_sent_it_can_correct_it(
    sent, weekly, make_publication, noon
):
    daily = make_publication("daily")
    issue = compose(daily, now=noon)
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT)
    of_weekly = Actor("Ann", publication_roles=frozenset({(weekly.pk, Role.APPROVER)}))
    with acting_as(of_weekly), pytest.raises(Refused, match="Only an approver for this publication"):
        make(sent, noon + timedelta(days=1))
    with (
        acting_as(Actor("Edith", frozenset({Role.EDITOR}))),
        pytest.raises(Refused, match="Only an approver"),
    ):
        make(sent, noon + timedelta(days=1))
    with acting_as(Actor("Bo", frozenset({Role.APPROVER}))):
        assert make(sent, noon + timedelta(days=1)).made_by == "Bo"


def test_a_correction_can_be_removed_until_an_approved_issue_has_it(sent, weekly, write, noon, later):
    made = make(sent, noon + timedelta(days=1))
    assert remove_correction(made.pk) == sent
    assert AuditEntry.objects.filter(act="correction").count() == 2
    with pytest.raises(NotFound, match="could not find this correction"):
        remove_correction(made.pk)
    made = make(sent, noon + timedelta(days=1))
    write(at=later - timedelta(hours=1))
    approve_at(compose(weekly, now=later), later)
    with pytest.raises(Refused, match="was approved with this correction"):
        remove_correction(made.pk)


def test_what_a_correction_says_can_be_changed_until_an_approved_issue_has_it(
    sent, weekly, write, noon, later
):
    made = make(sent, noon + timedelta(days=1))
    better = replace(
        TEXT, right="The study found 12 cases of 200.", why="", severity=Correction.Severity.MINOR
    )
    with time_machine.travel(noon + timedelta(days=1, hours=2), tick=False):
        change_correction(made.pk, better)
        with pytest.raises(InvalidFields, match="should have said"):
            change_correction(made.pk, replace(better, right=" "))
        with pytest.raises(InvalidFields, match="in the future"):
            change_correction(made.pk, replace(better, wrong_since=date(2030, 1, 1)))
        change_correction(made.pk, better)
    made.refresh_from_db()
    assert (made.text, made.why, made.said) == ("The study found 12 cases of 200.", "", TEXT.said)
    assert made.changed_at == noon + timedelta(days=1, hours=2)
    entries = AuditEntry.objects.filter(act="correction").order_by("pk")
    assert [sorted(entry.changes) for entry in entries][1:] == [["severity", "text", "why"]]
    write(at=later - timedelta(hours=1))
    approve_at(compose(weekly, now=later), later)
    with pytest.raises(Refused, match="was approved with this correction"):
        change_correction(made.pk, TEXT)


def test_only_an_approver_changes_a_correction(sent, noon):
    made = make(sent, noon + timedelta(days=1))
    with (
        acting_as(Actor("Edith", frozenset({Role.EDITOR}))),
        pytest.raises(Refused, match="Only an approver"),
    ):
        change_correction(made.pk, TEXT)
    with pytest.raises(NotFound, match="could not find this correction"):
        change_correction(999_999_999, TEXT)


def test_a_correction_from_the_source_is_not_removed_here(sent, noon):
    given = Correction.objects.create(article=sent, corrected_on=noon.date(), text="A figure was wrong.")
    with pytest.raises(Refused, match="Change it there"):
        remove_correction(given.pk)
