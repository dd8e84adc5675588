"""When a source that failed is tried again."""

from datetime import datetime, timedelta

from subscribers.backoff import doubling

LONGEST_WAIT = timedelta(hours=24)
LONGEST_REQUEST = timedelta(days=7)
BACKOFF = doubling(timedelta(minutes=15), LONGEST_WAIT, most_asked=LONGEST_REQUEST)


def next_attempt(
    failures: int, *, now: datetime, retry_after: float | None = None, gone: bool = False
) -> datetime:
    """Return when to try again after this many failures in a row: after 15 minutes, doubling up to a day.

    `retry_after` is the seconds that the source asks for, heeded up to a week. A source that is gone is asked
    once a day.
    """
    asked = retry_after or 0.0
    return now + BACKOFF.wait(failures, asked=max(asked, LONGEST_WAIT.total_seconds()) if gone else asked)
