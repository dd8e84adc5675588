"""Detects drafts that would miss their time: a day before their deadline, and again two hours before it.

A send time that is set later than that is notified of at once: two hours before the deadline, or after a quarter of an
hour in which the person who set it can still approve the issue.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, issue_event, was_notified
from newsletter.notifications.models import Notification
from newsletter.scheduling.find_drafts_at_risk import AHEAD, DraftAtRisk, issues_that_would_miss_their_time

LAST_CALL = timedelta(hours=2)
TIME_TO_APPROVE = timedelta(minutes=15)


def at_risk(_since: datetime) -> Iterator[NotableEvent]:
    """Yield drafts that will soon be blocked, once for each of the two times before each deadline."""
    now = timezone.now()
    for each in issues_that_would_miss_their_time():
        is_last_call = now >= each.deadline - LAST_CALL
        key = f"at-risk:{each.issue.pk}:{each.deadline:%Y%m%dT%H%M}:{'last' if is_last_call else 'first'}"
        if was_notified(key) or (not is_last_call and _is_too_early(each, now)):
            continue
        yield issue_event(
            each.issue,
            Kind.AT_RISK,
            key=key,
            text=each.sentence,
            due_at=each.schedule.due_at.isoformat(),
            approve_by=each.deadline.isoformat(),
        )


def _is_too_early(draft: DraftAtRisk, now: datetime) -> bool:
    """Return whether people are still at work on a draft, or have just been asked to approve it."""
    if now < draft.schedule.scheduled_at + TIME_TO_APPROVE:
        return True
    asked = Notification.objects.filter(
        kind=Kind.WAITING,
        publication=draft.issue.publication,
        data__issue=draft.issue.number,
        made_at__gt=draft.deadline - AHEAD - LAST_CALL,
    )
    return asked.exists()
