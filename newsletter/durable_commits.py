"""Make commits survive a power cut, for the few things that must not happen twice, and retry writes that must
succeed however long the database is unavailable.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from subscribers.backoff import doubling
from subscribers.database import is_sqlite
from subscribers.wait_by_steady_clock import wait

log = logging.getLogger(__name__)
T = TypeVar("T")

BACKOFF = doubling(timedelta(seconds=0.1), timedelta(seconds=5))


def until_written(act: Callable[[], T]) -> T:
    """Run `act`, and try again for as long as the database is locked, full or unavailable.

    `act` may run more than once, each time in its own transactions. Its last result is returned. Inside a
    transaction, waiting would not help, so errors of `act` are raised.
    """
    for failures in count(1):
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            if failures == 1:
                log.warning("We could not save changes in the database (%s). We will keep trying.", error)
            connection.close()
        # A signal that arrives during this wait is noticed. SQLite itself waits for a lock as long as its
        # time-out says.
        wait(BACKOFF.wait(failures).total_seconds())
    raise AssertionError  # count() never ends


@contextmanager
def durable_commits() -> Iterator[None]:
    """While inside, a commit on this connection survives a power cut, as PostgreSQL's do.

    Otherwise, we let SQLite return before the data is on the disk, which matters only in a power cut: a lost
    `posting` would then mean a second email, but a lost outcome only a batch that is unknown. See
    https://www.sqlite.org/pragma.html#pragma_synchronous.
    """
    if not is_sqlite() or connection.in_atomic_block:
        yield
        return
    _synchronous("FULL")
    try:
        yield
    finally:
        _synchronous("NORMAL")


def _synchronous(mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous = {mode}")
