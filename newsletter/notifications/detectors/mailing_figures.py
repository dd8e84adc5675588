"""Reports the figures of a mailing an hour and a day after it ended, or after its first batch if it has not ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, issue_event, not_notified
from newsletter.sending import recipient_counts
from newsletter.sending.models import Batch, Mailing
from newsletter.tracking.statistics import statistics_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def figures(since: datetime) -> Iterator[NotableEvent]:
    """Yield mailings for which an hour or a day has passed. After a day, the figures after an hour are left out."""
    now = timezone.now()
    yield from _after(HOUR, 1, since=max(since, now - DAY), until=now)
    yield from _after(DAY, 24, since=since, until=now)


def _after(age: timedelta, hours: int, *, since: datetime, until: datetime) -> Iterator[NotableEvent]:
    posts = Batch.objects.filter(mailing=OuterRef("pk"), posted_at__isnull=False).order_by("posted_at")
    mailings = Mailing.objects.filter(
        purpose=Mailing.Purpose.ISSUE, issue__state__in=(Issue.State.SENDING, Issue.State.SENT)
    ).annotate(sent_at=Coalesce("finished_at", Subquery(posts.values("posted_at")[:1])))
    passed = mailings.filter(sent_at__lte=until - age, sent_at__gt=since)
    for each in not_notified(passed.select_related("issue__publication"), f"figures-{hours}h").order_by("pk"):
        yield _figures_event(each, hours)


def _figures_event(mailing: Mailing, hours: int) -> NotableEvent:
    found = statistics_of(mailing)
    states = recipient_counts.count_recipients(mailing).to_dict()
    age = "an hour" if hours == 1 else "a day"
    about = f"These are the figures for the issue “{mailing.issue.subject}”, {age} after"
    when = "it was sent." if mailing.finished_at else "we started to send it. It is still being sent."
    return issue_event(
        mailing.issue,
        Kind.FIGURES,
        key=f"figures-{hours}h:{mailing.pk}",
        text=f"{about} {when} Each figure is a number of people.",
        reason=found.alarm,
        tail=f", figures after {age}",
        mailing=mailing.pk,
        after_hours=hours,
        finished=mailing.finished_at is not None,
        figures={**states, **found.counts.to_dict()},
    )
