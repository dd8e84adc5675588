"""Keep long work from holding up everybody else's writes: short transactions, and gaps in which the lock is free.

SQLite has one writer. A connection that waits for its turn, such as that of a log-in, looks for the lock up to 0.1
seconds apart (sqliteDefaultBusyCallback in https://sqlite.org/src/file/src/main.c), and gives up after 30 seconds
(settings.py). It may miss a shorter gap between two transactions each time. PostgreSQL has no such lock, and needs no
gaps.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection

from subscribers.database import is_sqlite
from subscribers.wait_by_steady_clock import wait

T = TypeVar("T")
# In seconds: how long one transaction should take, and a gap that no waiting writer misses.
TRANSACTION_TAKES = 0.12
GAP = 0.13
# In seconds: a gap for acts that look often (transactions.py), and the time after which a whole gap follows.
SHORT_GAP = 0.01
GAP_AFTER = 1.0


def as_many_as_fit(items: Sequence[T], work: Callable[[T], object]) -> int:
    """Work on the first item and on more, until a transaction has taken long enough. Return on how many."""
    until = time.monotonic() + TRANSACTION_TAKES
    for done, item in enumerate(items, start=1):
        work(item)
        if time.monotonic() >= until:
            return done
    return len(items)


def leave_gap(seconds: float = GAP) -> None:
    """Leave SQLite's lock free for a moment. Call this between two transactions."""
    if is_sqlite() and not connection.in_atomic_block:
        wait(seconds)


class Gaps:
    """The gaps between pieces of fast work: short ones, and a whole one after each second."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def leave(self) -> None:
        """Leave SQLite's lock free for a moment. Call this between two transactions."""
        if time.monotonic() - self._since < GAP_AFTER:
            leave_gap(SHORT_GAP)
            return
        leave_gap()
        self._since = time.monotonic()
