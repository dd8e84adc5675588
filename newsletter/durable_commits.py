"""Commits that a power cut does not take back, for the few things that must not be done twice; and what must be written
down however long the database cannot take it.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from subscribers.backoff import doubling
from subscribers.database import is_sqlite

log = logging.getLogger(__name__)
T = TypeVar("T")

BACKOFF = doubling(timedelta(seconds=0.1), timedelta(seconds=5))


def until_written(act: Callable[[], T]) -> T:
    """Do what must be written down, and wait while the database is locked, full or away, for as long as that takes.

    `act` may be done more than once, each time in transactions of its own. What it returns the last time is returned.
    Inside a transaction there is nothing to wait for: then it raises what `act` raises.
    """
    for failures in count(1):
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            if failures == 1:
                log.warning("The database does not take what was done (%s). It is waited for.", error)
            connection.close()
        # A signal that arrives meanwhile is heard; SQLite itself waits for a lock as its time-out says.
        time.sleep(BACKOFF.wait(failures).total_seconds())
    raise AssertionError  # it counts for ever


@contextmanager
def durable_commits() -> Iterator[None]:
    """While inside, a commit on this connection survives a power cut, as PostgreSQL's do.

    The press lets SQLite return before the disk has the data, which only a power cut can punish: a lost
    `posting` would then be a second mail, a lost answer only a batch that is unknown.
    See https://www.sqlite.org/pragma.html#pragma_synchronous.
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


def sync_folder(folder: Path) -> None:
    """Have a power cut not take back what was made, renamed or removed in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
