"""Fetches sources as their time comes, one at a time; any number of clocks may ask, and each source is fetched once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from newsletter.articles.models import Source
from newsletter.articles.sources import LONGEST_REQUEST, active_sources
from subscribers.leases import Leases, unchanged

# Longer than any fetch; after a crash the source is tried again then.
LEASE = timedelta(minutes=15)
LEASES = Leases("next_attempt_at", attempts="")


def fetch_next_source() -> bool:
    """Fetch the active source that waits longest, if one is due; says whether there was one.

    A source is due when its last fetch is older than NEWSLETTER_FETCH_INTERVAL_MINUTES, no failure asks for patience,
    and it is not paused. What somebody has asked for comes first.
    """
    now = timezone.now()
    source = _next_due(now)
    while source is not None and not _claim(source, now):
        source = _next_due(now)
    if source is not None:
        # Imported with the first source: the scheduler starts and waits without the readers of every format.
        from newsletter.articles.fetch_sources import fetch_sources

        fetch_sources([source])
    return source is not None


def _next_due(now: datetime) -> Source | None:
    old = now - timedelta(minutes=settings.NEWSLETTER.fetch_interval_minutes)
    # What was fetched in the future, or waits for longer than any source does, met a clock that was set back since.
    too_far = LEASES.too_far_ahead(now, LONGEST_REQUEST) | (
        Q(failures=0) & LEASES.too_far_ahead(now, 2 * LEASE)
    )
    asked = Q(fetch_asked_at__isnull=False)
    due = active_sources().filter(
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=now) | too_far,
        asked
        | Q(paused_at=None) & (Q(fetched_at=None) | Q(fetched_at__lte=old) | Q(fetched_at__gt=now + LEASE)),
    )
    return due.order_by(
        F("fetch_asked_at").asc(nulls_last=True), F("fetched_at").asc(nulls_first=True), "pk"
    ).first()


def _claim(source: Source, now: datetime) -> bool:
    """Claim the source for this fetch alone; what the fetch saves ends the claim."""
    return LEASES.claim(unchanged(source, "fetched_at", "next_attempt_at"), now + LEASE)
