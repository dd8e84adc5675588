"""Decides what happens to an issue that a series drafted: it stays a draft, is scheduled, or is blocked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.models import Occurrence, Series
from newsletter.scheduling.recurrence.local_time import to_local
from newsletter.scheduling.release import block_issue, grace
from newsletter.scheduling.schedule import schedule_at
from newsletter.scheduling.series_dates import describe_local_time
from subscribers.phrases import counted

# An issue that is late but within the grace is scheduled in the future, as every issue is.
IMMEDIATELY = timedelta(seconds=30)
Check = Callable[[Issue, date], object]
"""Checks the email that an issue would have on a day, and stores the results for the approval."""


def is_late(due_at: datetime, now: datetime) -> bool:
    """Return whether a time was missed by more than the grace."""
    return now > due_at + grace()


def dispatch(issue: Issue, occurrence: Occurrence, check: Check | None = None) -> None:
    """Schedule or block an issue as its series says. An issue that nobody approves is checked first.

    Call this inside the transaction that composed the issue.
    """
    series, now = occurrence.series, timezone.now()
    if series.mode == Series.Mode.DRAFT:
        return
    why = _too_late(occurrence, now)
    if why:
        block_issue(issue, why)
        return
    try:
        with transaction.atomic():
            if series.mode == Series.Mode.SEND:
                # Approve for the day of its local time: that day starts earlier for readers whose clocks are ahead.
                day = to_local(_at(occurrence, now), series.publication.tzinfo).date()
                if check:
                    check(issue, day)
                approve(issue, day=day)
            _schedule(issue, occurrence, now)
    except NewsletterError as error:
        block_issue(issue, f"We could not schedule this issue for {_time(occurrence)}: {error}")


def _too_late(occurrence: Occurrence, now: datetime) -> str:
    if is_late(occurrence.due_at, now):
        minutes = counted(settings.NEWSLETTER.grace_minutes, "minute", "minutes")
        return (
            f"This issue was due on {_time(occurrence)}, but was drafted more than {minutes} "
            "later (NEWSLETTER_GRACE_MINUTES). Approve it, then send it or choose another time."
        )
    if occurrence.series.mode == Series.Mode.APPROVE and now >= occurrence.due_at:
        return (
            f"This issue was due on {_time(occurrence)}, but was drafted too late to be approved in time. "
            "Approve it, then send it or choose another time."
        )
    return ""


def _schedule(issue: Issue, occurrence: Occurrence, now: datetime) -> None:
    series = occurrence.series
    deadline = occurrence.due_at - timedelta(minutes=series.approve_by_minutes)
    by_approval = series.mode == Series.Mode.APPROVE and series.approve_by_minutes and deadline > now
    schedule_at(
        issue,
        _at(occurrence, now),
        readers_time=series.readers_time,
        approve_by=deadline if by_approval else None,
        promised_at=occurrence.due_at if occurrence.due_at < now else None,
    )


def _at(occurrence: Occurrence, now: datetime) -> datetime:
    return max(occurrence.due_at, now + IMMEDIATELY)


def _time(occurrence: Occurrence) -> str:
    return describe_local_time(occurrence.moved_to or occurrence.local_time)
