"""Drafts that would miss their time are found early, for Home and for the notifications."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.find_drafts_at_risk import issues_that_would_miss_their_time
from newsletter.scheduling.schedule import schedule_at

pytestmark = pytest.mark.django_db


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


def test_a_draft_with_a_send_time_that_nobody_approved_would_miss_it(clock, issue):
    schedule_at(issue, in_hours(20))
    [found] = issues_that_would_miss_their_time()
    assert (found.issue, found.deadline) == (issue, in_hours(20))
    assert found.sentence == (
        "This issue is due to be sent on Tuesday 1 December at 08:00 (Europe/London), but it is not "
        "approved. If nobody "
        "approves it, it will be blocked and not sent."
    )


def test_an_earlier_deadline_for_the_approval_counts(clock, issue):
    schedule_at(issue, in_hours(30), approve_by=in_hours(3))
    [found] = issues_that_would_miss_their_time()
    assert found.deadline == in_hours(3)
    assert "If nobody approves it by Monday 30 November at 15:00, it will be blocked" in found.sentence


@pytest.mark.parametrize("hours", [25, 24 * 7])
def test_a_time_that_is_far_off_is_nobody_s_concern_yet(clock, issue, hours):
    schedule_at(issue, in_hours(hours))
    assert issues_that_would_miss_their_time() == []
    assert len(issues_that_would_miss_their_time(timedelta(days=8))) == 1


def test_an_approved_issue_keeps_its_time(clock, issue):
    schedule_at(issue, in_hours(20))
    approve(issue)
    assert issues_that_would_miss_their_time() == []


def test_a_draft_without_a_time_and_a_draft_that_is_too_late_already_are_left_out(clock, issue):
    assert issues_that_would_miss_their_time() == []
    schedule_at(issue, in_hours(1))
    clock.shift(timedelta(hours=2))
    assert Issue.objects.get().state == Issue.State.DRAFT
    assert issues_that_would_miss_their_time() == []


def test_one_query_finds_them_all(clock, issue, django_assert_num_queries):
    schedule_at(issue, in_hours(20))
    with django_assert_num_queries(1):
        assert [each.sentence[:10] for each in issues_that_would_miss_their_time()] == ["This issue"]
