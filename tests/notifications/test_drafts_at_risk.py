"""A draft that would miss its time is notified of early enough for somebody to approve it, and not too often."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.scheduling.approval import approve
from newsletter.scheduling.draft_occurrences import draft_next_occurrence
from newsletter.scheduling.schedule import schedule_at

pytestmark = pytest.mark.django_db
RISK = ("issue.at_risk", "Not approved yet: issue 1 of The Harbour Letter")


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


def test_people_are_notified_a_day_and_two_hours_before_the_deadline_and_not_in_between(clock, issue, told):
    schedule_at(issue, in_hours(48))
    assert told() == []
    clock.shift(timedelta(hours=24, minutes=1))
    assert told() == [RISK]
    clock.shift(timedelta(hours=20))
    assert told() == []
    clock.shift(timedelta(hours=2))
    assert told() == [RISK]
    clock.shift(timedelta(hours=1))
    assert told() == []


def test_whoever_has_just_set_a_time_has_a_quarter_of_an_hour_to_approve_the_issue(clock, issue, told):
    schedule_at(issue, in_hours(10))
    assert told() == []
    clock.shift(timedelta(minutes=16))
    assert told() == [RISK]


def test_a_time_within_two_hours_is_notified_of_at_once_and_once(clock, issue, told):
    schedule_at(issue, in_hours(1))
    assert told() == [RISK]
    clock.shift(timedelta(minutes=30))
    assert told() == []


def test_a_new_time_is_notified_of_again(clock, issue, told):
    schedule_at(issue, in_hours(1))
    assert told() == [RISK]
    schedule_at(issue, in_hours(1.5))
    assert told() == [RISK]


def test_an_issue_that_was_approved_in_time_is_not_notified_of(clock, issue, told):
    schedule_at(issue, in_hours(20))
    approve(issue)
    clock.shift(timedelta(hours=19))
    assert told() == []


def test_a_draft_of_a_series_that_has_just_asked_for_approval_waits_for_the_last_call(
    clock, tuesdays, publish, told
):
    tuesdays("approve")
    publish(1)
    clock.move_to(datetime(2026, 11, 30, 7, 30, tzinfo=UTC))
    assert draft_next_occurrence()
    assert [kind for kind, _subject in told()] == ["issue.waiting"]
    clock.shift(timedelta(hours=3))
    assert told() == []
    clock.move_to(datetime(2026, 12, 1, 5, 31, tzinfo=UTC))
    assert [kind for kind, _subject in told()] == ["issue.at_risk"]


@pytest.mark.usefixtures("people")
def test_the_author_the_approver_and_the_administrator_get_the_email(
    clock, issue, person, write, send, mailoutbox
):
    author = person("edith", Role.EDITOR)
    with acting_as(actor_of(author)):
        set_subject(issue, "Tides and piers")
    schedule_at(issue, in_hours(1))
    [notification] = [each for each in write() if each.kind == "issue.at_risk"]
    send()
    mails = [mail for mail in mailoutbox if notification.subject in mail.subject]
    assert {mail.to[0] for mail in mails} == {"boss@example.org", "omar@example.org", "edith@example.org"}
    assert "If nobody approves it, it will be blocked and not sent." in " ".join(mails[0].body.split())


@pytest.mark.usefixtures("people")
def test_without_a_known_author_every_editor_gets_the_email(clock, issue, write, send, mailoutbox):
    schedule_at(issue, in_hours(1))
    write()
    send()
    assert {mail.to[0] for mail in mailoutbox} == {"boss@example.org", "omar@example.org", "ruth@example.org"}
