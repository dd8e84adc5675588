"""Tells the engine that batches are due, so that callers need not know which engine is in use."""

import itertools
import time
from threading import Condition, Event

from django.apps import apps
from django.conf import settings
from django.db import transaction

from newsletter.errors import Invalid

# How often this process announced due batches, and the condition on which its threads wait for the next time.
_enqueues, _enqueued = itertools.count(1), Condition()
_latest = 0
LOOK_WHETHER_STOPPED_SECONDS = 0.25


def enqueue_due_batches() -> None:
    """Tell the engine that batches are due, in the transaction that made them due.

    The engine `local` reads the ledger by itself; its waiting threads in this process look at once. Raises Invalid if
    the chosen engine cannot work here.
    """
    if settings.NEWSLETTER.engine == "procrastinate":
        require_procrastinate()
        from newsletter.sending.job_queue import defer_due_batches

        defer_due_batches()
        # A worker may have taken the job of a batch before this transaction was committed, found that the batch was not
        # due, and dropped the job. If this fails, workers find such batches within RECOVER_SECONDS.
        transaction.on_commit(defer_due_batches, robust=True)
    transaction.on_commit(wake)


def enqueue_count() -> int:
    """Return how often this process has announced due batches."""
    return _latest


def wait_for_enqueue(seconds: float, *, since: int, stopping: Event) -> None:
    """Wait for some seconds, or until the count is no longer `since`, or until this process is to stop."""
    until = time.monotonic() + seconds
    with _enqueued:
        while _latest == since and not stopping.is_set() and (left := until - time.monotonic()) > 0:
            _enqueued.wait(min(left, LOOK_WHETHER_STOPPED_SECONDS))


def wake() -> None:
    """Make the waiting threads of this process look for batches at once."""
    global _latest  # noqa: PLW0603 - one process, one count
    with _enqueued:
        _latest = next(_enqueues)
        _enqueued.notify_all()


def require_procrastinate() -> None:
    """Raise Invalid unless the engine `procrastinate` can work here."""
    # See settings.py: the app is installed if the database is PostgreSQL and the extra `postgres` is there.
    if not apps.is_installed("procrastinate.contrib.django"):
        raise Invalid(
            "To use the procrastinate engine, set DATABASE_URL to a PostgreSQL database and install this "
            "package with its `postgres` extra. Otherwise, use the local engine."
        )
