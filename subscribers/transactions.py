"""Run each act in one transaction, and again if the database ended it in favour of another.

SQLite has one writer at a time. Its own waiting looks for the lock only ten times a second, so it misses a short
gap between two writers. An act looks more often. PostgreSQL ends one of two transactions that wait for each
other, and one that refers to a person who was removed meanwhile.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from subscribers.database import is_sqlite
from subscribers.wait_by_steady_clock import wait

# Seconds between two looks for SQLite's lock. Acts of people look more often than imports.
LOOK_AGAIN = 0.005
LOOK_AGAIN_POLITELY = 0.02
MAX_WAIT = 30.0
MAX_REPEATS = 20
# Serialisation failure, deadlock, foreign key violation.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
ENDED_FOR_ANOTHER = frozenset({"40001", "40P01", "23503"})

P = ParamSpec("P")
T = TypeVar("T")


def one_transaction(work: Callable[P, T]) -> Callable[P, T]:
    """Run the function in one transaction, again if the database ended it, or within the caller's transaction."""

    @wraps(work)
    def act(*arguments: P.args, **named: P.kwargs) -> T:
        return repeated(lambda: work(*arguments, **named))

    return act


def repeated(work: Callable[[], T], *, look_again: float = LOOK_AGAIN) -> T:
    """Run the work in one transaction. Before it is repeated, it is rolled back.

    Within a caller's transaction it runs once, since only the whole can be repeated. Raises OperationalError if
    the database stayed locked for 30 seconds, or ended the work each of 20 times.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            return work()
    for repeat in range(MAX_REPEATS):
        try:
            with _begun(look_again):
                return work()
        except (OperationalError, IntegrityError) as error:
            if not _was_ended_for_another(error) or repeat + 1 == MAX_REPEATS:
                raise
        # Wait for a random time, so that two that collided do not collide again.
        wait(random.uniform(0, 0.01 * (repeat + 1)))  # noqa: S311 - nobody must be kept from guessing it
    raise AssertionError  # pragma: no cover - the last repeat raises


@contextmanager
def _begun(look_again: float) -> Iterator[None]:
    began = transaction.atomic()
    if is_sqlite():
        _begin_when_free(began, look_again)
    else:
        began.__enter__()
    try:
        yield
    except BaseException as error:
        began.__exit__(type(error), error, error.__traceback__)
        raise
    else:
        began.__exit__(None, None, None)


def _begin_when_free(began: transaction.Atomic, look_again: float) -> None:
    """Begin as SQLite's one writer, looking for its lock more often than SQLite itself does."""
    connection.ensure_connection()
    raw = connection.connection
    (usual,) = raw.execute("PRAGMA busy_timeout").fetchone()
    give_up = time.monotonic() + MAX_WAIT
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                began.__enter__()
            except OperationalError as error:
                if not is_locked(error) or time.monotonic() > give_up:
                    raise
            else:
                return
            wait(look_again)
    finally:
        raw.execute(f"PRAGMA busy_timeout={usual:d}")


def is_locked(error: Exception) -> bool:
    """Return whether SQLite gave up waiting until another connection had finished writing."""
    return getattr(error.__cause__, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _was_ended_for_another(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") in ENDED_FOR_ANOTHER
