"""Fetches sources as their time comes, one at a time; any number of clocks may ask, and each source is fetched once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from newsletter.articles.backoff import LONGEST_REQUEST
from newsletter.articles.ingest import fetch_sources
from newsletter.articles.models import Source
from newsletter.articles.sources import active_sources

# Longer than any fetch; after a crash the source is tried again then.
LEASE = timedelta(minutes=15)


def fetch_next_source() -> bool:
    """Fetch the active source that waits longest, if one is due; says whether there was one.

    A source is due when its last fetch is older than NEWSLETTER_FETCH_MINUTES and no failure asks for patience.
    """
    now = timezone.now()
    source = _next_due(now)
    while source is not None and not _claim(source, now):
        source = _next_due(now)
    if source is not None:
        fetch_sources([source])
    return source is not None


def _next_due(now: datetime) -> Source | None:
    old = now - timedelta(minutes=settings.NEWSLETTER.fetch_minutes)
    # What was fetched in the future, or waits for longer than any source does, met a clock that was set back since.
    too_far = Q(next_attempt_at__gt=now + LONGEST_REQUEST) | Q(
        failures=0, next_attempt_at__gt=now + 2 * LEASE
    )
    due = active_sources().filter(
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=now) | too_far,
        Q(fetched_at=None) | Q(fetched_at__lte=old) | Q(fetched_at__gt=now + LEASE),
    )
    return due.order_by(F("fetched_at").asc(nulls_first=True), "pk").first()


def _claim(source: Source, now: datetime) -> bool:
    """Take the source for this fetch alone, by a compare-and-set; what the fetch saves ends the claim."""
    untouched = Source.objects.filter(
        pk=source.pk, fetched_at=source.fetched_at, next_attempt_at=source.next_attempt_at
    )
    return bool(untouched.update(next_attempt_at=now + LEASE))
