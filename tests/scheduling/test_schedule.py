"""The time of an issue: set, moved, taken away; and “send”, which one click takes back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from newsletter.errors import Refused
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import Approval, Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.release import release_next_issue
from newsletter.scheduling.schedule import describe_time, schedule_at, send_after_undo_window, unschedule
from newsletter.sending.status_sentences import issue_status

pytestmark = pytest.mark.usefixtures("clock")
HALF_PAST_SEVEN = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)


def test_an_approved_issue_is_scheduled_by_the_publications_clock(issue, state_of):
    issue.publication.zone = "Europe/Paris"
    issue.publication.save()
    approve(issue)
    schedule = schedule_at(issue, HALF_PAST_SEVEN)
    assert describe_time(schedule) == "2026-12-01 08:30 (Europe/Paris)"
    assert schedule.due_at == HALF_PAST_SEVEN
    assert state_of(issue) == Issue.State.SCHEDULED


def test_a_draft_keeps_its_time_until_it_is_approved(issue, state_of):
    schedule_at(issue, HALF_PAST_SEVEN)
    assert state_of(issue) == Issue.State.DRAFT
    approve(issue)
    assert state_of(issue) == Issue.State.SCHEDULED
    set_subject(issue, "Ebb")
    assert state_of(issue) == Issue.State.DRAFT
    assert Schedule.objects.get().due_at == HALF_PAST_SEVEN


def test_it_is_moved_and_the_time_is_taken_away(issue, state_of):
    approve(issue)
    schedule_at(issue, HALF_PAST_SEVEN)
    schedule_at(issue, HALF_PAST_SEVEN + timedelta(hours=1))
    assert Schedule.objects.get().local_time == "2026-12-01T08:30"
    unschedule(issue)
    assert state_of(issue) == Issue.State.APPROVED
    with pytest.raises(Refused, match="no scheduled time"):
        unschedule(issue)


def test_a_time_that_has_passed_is_refused(issue):
    approve(issue)
    with pytest.raises(Refused, match="has passed"):
        schedule_at(issue, timezone.now())


def test_two_issues_of_a_publication_do_not_go_at_one_minute(issue):
    second = Issue.objects.create(
        publication=issue.publication, number=2, subject="Ebb", composed_at=issue.composed_at
    )
    schedule_at(issue, HALF_PAST_SEVEN)
    with pytest.raises(Refused, match=r"Issue 1 of The Harbour Letter is already scheduled for that time"):
        schedule_at(second, HALF_PAST_SEVEN)
    schedule_at(issue, HALF_PAST_SEVEN)


def test_send_goes_after_the_minutes_of_holding(issue, clock, state_of):
    approve(issue)
    schedule = send_after_undo_window(issue)
    assert schedule.in_undo_window
    clock.shift(timedelta(minutes=4, seconds=59))
    assert release_next_issue() is False
    clock.shift(timedelta(seconds=1))
    assert release_next_issue() is True
    assert state_of(issue) == Issue.State.SENDING


def test_send_is_taken_back_in_time(issue, clock, ruth, by, state_of):
    approve(issue)
    send_after_undo_window(issue)
    by(ruth, unschedule, issue)
    clock.shift(timedelta(hours=1))
    assert release_next_issue() is False
    assert state_of(issue) == Issue.State.APPROVED


def test_once_it_goes_it_is_not_taken_back(issue, clock):
    approve(issue)
    send_after_undo_window(issue)
    clock.shift(timedelta(minutes=5))
    release_next_issue()
    with pytest.raises(Refused, match="Only an issue that has not been sent"):
        unschedule(issue)


def test_only_a_sender_says_send_and_only_to_what_is_approved(issue, ruth, ann, by):
    with pytest.raises(Refused, match=r"The current version of .* is not approved"):
        by(ann, send_after_undo_window, issue)
    by(ann, approve, issue)
    with pytest.raises(Refused, match="sender role"):
        by(ruth, send_after_undo_window, issue)


def test_what_was_changed_since_is_not_sent(issue, state_of):
    approve(issue)
    Issue.objects.update(subject="By another way")
    with pytest.raises(Refused, match="to “By another way”"):
        send_after_undo_window(issue)


def test_scheduling_does_not_promise_an_email_that_changed_since_its_approval(issue, state_of):
    schedule_at(issue, HALF_PAST_SEVEN)
    approve(issue)
    Issue.objects.update(subject="By another way")
    schedule_at(Issue.objects.get(pk=issue.pk), HALF_PAST_SEVEN + timedelta(hours=1))
    assert state_of(issue) == Issue.State.DRAFT
    found = Issue.objects.get(pk=issue.pk)
    assert "if somebody approves it before then." in issue_status(found).sentence
    assert Approval.objects.get().withdrawn_reason.startswith("The subject changed")
    approve(found)
    assert state_of(issue) == Issue.State.SCHEDULED
