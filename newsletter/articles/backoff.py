"""When a source that failed is tried again."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=24)
LONGEST_REQUEST = timedelta(days=7)


def next_attempt(
    failures: int, *, now: datetime, retry_after: float | None = None, gone: bool = False
) -> datetime:
    """The moment of the next attempt after this many failures in a row: 15 minutes, doubling up to a day.

    `retry_after` is the seconds that the source asks for, heeded up to a week. What is gone is asked once a day.
    """
    doubling = min(max(failures, 1) - 1, 10)
    pause = LONGEST_WAIT if gone else min(FIRST_WAIT * 2**doubling, LONGEST_WAIT)
    if retry_after is not None:
        pause = max(pause, min(timedelta(seconds=retry_after), LONGEST_REQUEST))
    return now + pause
