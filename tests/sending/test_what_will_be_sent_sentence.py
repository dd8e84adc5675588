"""One sentence says what will happen to whom and when, and on what condition."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.dateline import schedule_of
from newsletter.scheduling.schedule import schedule_at, send_after_undo_window
from newsletter.sending.what_will_be_sent_sentence import send_sentence

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
AT = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def said(issue, *, is_approved=False):
    issue.refresh_from_db()
    return send_sentence(issue, schedule_of(issue), "3 people", is_approved=is_approved)


def test_a_draft_is_not_sent(issue):
    assert said(issue) == (
        "Nothing will be sent until somebody approves this issue, and then sends or schedules it. "
        "It will then be sent to 3 people."
    )


def test_a_draft_with_a_time_is_sent_if_it_is_approved_by_then(issue):
    schedule_at(issue, AT)
    assert said(issue) == (
        "This issue will be sent to 3 people on Tuesday 1 December at 07:30 GMT (Europe/London), if it is approved "
        "by then. Otherwise, nothing will be sent."
    )


def test_an_earlier_deadline_for_approval_is_named(issue):
    schedule_at(issue, AT, approve_by=AT - timedelta(hours=12))
    assert "if it is approved by Monday 30 November at 19:30." in said(issue)


def test_an_approved_issue_waits_for_somebody(issue):
    approve(issue)
    assert said(issue, is_approved=True).startswith(
        "Nothing will be sent until somebody sends or schedules this issue."
    )


def test_a_scheduled_issue_is_sent_as_approved(issue):
    approve(issue)
    schedule_at(issue, AT)
    assert said(issue, is_approved=True) == (
        "This issue will be sent to 3 people on Tuesday 1 December at 07:30 GMT (Europe/London). "
        "We will send exactly the approved version."
    )
    assert "if it is approved by then" in said(issue, is_approved=False)


def test_the_readers_own_time_is_named(issue):
    approve(issue)
    schedule_at(issue, AT, readers_time=True)
    assert "at 07:30 in each reader’s time zone" in said(issue, is_approved=True)


def test_within_the_undo_window_it_can_be_undone(issue):
    approve(issue)
    send_after_undo_window(issue)
    assert said(issue, is_approved=True) == (
        "This issue will be sent to 3 people in 5 minutes. Until then, you can undo this."
    )


def test_a_blocked_issue_waits_for_a_decision_and_says_why(issue):
    Issue.objects.update(state=Issue.State.BLOCKED, blocked_reason="Nobody came.")
    assert said(issue) == "Nothing will be sent until somebody decides what to do. Nobody came."
