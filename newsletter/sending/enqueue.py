"""Tells the engine that batches are due. Whoever makes them due needs to know no engine."""

import itertools
import time
from threading import Condition, Event

from django.apps import apps
from django.conf import settings
from django.db import transaction

from newsletter.errors import Invalid

# How often this process said that batches are due, and what its threads wait on for the next time.
_enqueues, _enqueued = itertools.count(1), Condition()
_latest = 0
LOOK_WHETHER_STOPPED_SECONDS = 0.25


def enqueue_due_batches() -> None:
    """Tell the engine that batches are due, in the transaction that made them so.

    `local` looks into the ledger by itself; those of its threads that wait in this process look at once. Raises Invalid
    when the engine that was chosen cannot work here.
    """
    if settings.NEWSLETTER.engine == "procrastinate":
        require_procrastinate()
        from newsletter.sending.job_queue import defer_due_batches

        defer_due_batches()
    transaction.on_commit(wake)


def enqueue_count() -> int:
    """How often this process has said that batches are due."""
    return _latest


def wait_for_enqueue(seconds: float, *, since: int, stopping: Event) -> None:
    """Wait so long, or until this process has said more often than `since` that batches are due, or is to stop."""
    until = time.monotonic() + seconds
    with _enqueued:
        while _latest == since and not stopping.is_set() and (left := until - time.monotonic()) > 0:
            _enqueued.wait(min(left, LOOK_WHETHER_STOPPED_SECONDS))


def wake() -> None:
    """Have the threads of this process that wait for batches look at once."""
    global _latest  # noqa: PLW0603 - one process, one count
    with _enqueued:
        _latest = next(_enqueues)
        _enqueued.notify_all()


def require_procrastinate() -> None:
    """Raise Invalid unless the engine `procrastinate` can work here."""
    # See settings.py: it is installed where PostgreSQL and the extra `postgres` are.
    if not apps.is_installed("procrastinate.contrib.django"):
        raise Invalid(
            "The procrastinate engine needs PostgreSQL (set DATABASE_URL) and this package's `postgres` extra. The "
            "local engine needs neither."
        )
