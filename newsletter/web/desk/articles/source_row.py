"""A source with what a list or its own page says about it: its fetches, its failures, and whether it has changed."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from newsletter.articles.models import Source
from newsletter.http.web_addresses import without_credentials
from newsletter.web.desk.articles.short_dates import Dates, ShownDate

# The scheduler looks every 20 seconds for what is due.
SLOW_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source with what a list says about it. `is_slow` means that nobody has begun with a fetch for two minutes."""

    source: Source
    address: str
    fetched: ShownDate | None
    failing_since: ShownDate | None
    next_attempt: ShownDate | None
    changed_since: ShownDate | None
    is_fetching: bool
    is_slow: bool


def row_of(source: Source, dates: Dates) -> SourceRow:
    """Return a source as pages show it now."""
    now = timezone.now()
    asked = source.fetch_asked_at
    begun = source.next_attempt_at is not None and asked is not None
    return SourceRow(
        source=source,
        address=without_credentials(source.location),
        fetched=dates.of(source.fetched_at) if source.fetched_at else None,
        failing_since=dates.of(source.failing_since) if source.failing_since else None,
        next_attempt=dates.of(source.next_attempt_at) if source.next_attempt_at and source.error else None,
        changed_since=dates.of(source.changed_since) if source.changed_since else None,
        is_fetching=asked is not None,
        is_slow=asked is not None and not begun and now - asked > SLOW_AFTER,
    )
