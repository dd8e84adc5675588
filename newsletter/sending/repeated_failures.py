"""Handles failures of work that a loop repeats for ever: logs them, waits longer each time, and continues.

Failures that repeat for a minute are stored, so that administrators are notified
(notifications/detectors/failing_work.py). If we cannot store a failure, for example because of the database, the loop
continues all the same.
"""

import logging
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from django.db import DatabaseError, transaction
from django.utils import timezone

from newsletter.errors import NewsletterError
from newsletter.logs import RedactingFormatter
from newsletter.sending.models import FailingWork
from subscribers.backoff import doubling
from subscribers.transactions import is_locked

log = logging.getLogger(__name__)

BACKOFF = doubling(timedelta(seconds=1), timedelta(minutes=1))
# A restart of the database, or a lock, is over by then, and nobody needs to know.
FAILURES_BEFORE_NOTIFYING, SECONDS_BEFORE_NOTIFYING = 3, 60.0
# Work that fails again this soon had not recovered: it counts as the same failure.
SAME_FAILURE = timedelta(hours=1)
TRACEBACKS = 3


class RepeatedWork:
    """One kind of work in any number of threads, such as `RepeatedWork("the worker", "send due batches")`."""

    def __init__(self, who: str, what: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self.who, self.what, self._now = who, what, now
        self._changing = Lock()
        self._times, self._failing_since, self._rests_until = 0, 0.0, 0.0
        # There may still be a row from an earlier process.
        self._written_down = True

    @property
    def name(self) -> str:
        """The name of the work in the database."""
        return f"{self.what} ({self.who} on {socket.gethostname()})"[:150]

    def seconds_to_rest(self) -> float:
        """Return for how many seconds the work should not be tried; 0.0 if it may be."""
        return max(self._rests_until - self._now(), 0.0)

    def failed(self, error: Exception) -> float:
        """Log a failure, and store it if it repeats. Returns after how many seconds to try again."""
        with self._changing:
            rest = self.seconds_to_rest()
            if not rest:
                self._count()
                rest = self.seconds_to_rest()
            repeats = self._repeats()
        self._log(error, rest)
        if repeats:
            self._write_down(error)
        return rest

    def succeeded(self) -> None:
        """Forget earlier failures."""
        if not (self._times or self._written_down):
            return
        with self._changing:
            self._times, self._failing_since, self._rests_until = 0, 0.0, 0.0
            written_down, self._written_down = self._written_down, False
        if written_down:
            self._write_down_that_it_is_well()

    def _count(self) -> None:
        now = self._now()
        self._times += 1
        self._failing_since = self._failing_since or now
        self._rests_until = now + BACKOFF.wait(self._times).total_seconds()

    def _log(self, error: Exception, rest: float) -> None:
        # A sentence for people needs no traceback, nor does waiting for a lock. Repeating a traceback adds nothing.
        is_plain = isinstance(error, NewsletterError) or is_locked(error)
        traceback = None if is_plain or self._times > TRACEBACKS else error
        log.error(
            "%s could not %s and will try again in %.0f seconds. The error was: %s",
            self.who.capitalize(), self.what, rest, describe_error(error),
            exc_info=traceback,
        )  # fmt: skip

    def _repeats(self) -> bool:
        lasted = self._now() - self._failing_since
        return self._times >= FAILURES_BEFORE_NOTIFYING and lasted >= SECONDS_BEFORE_NOTIFYING

    def _write_down(self, error: Exception) -> None:
        now = timezone.now()
        try:
            with transaction.atomic():
                row, is_new = FailingWork.objects.select_for_update().get_or_create(
                    name=self.name, defaults={"since": now, "failed_at": now, "error": describe_error(error)}
                )
                if not is_new and row.recovered_at is not None and abs(now - row.recovered_at) > SAME_FAILURE:
                    row.since = now
                row.failed_at, row.recovered_at = now, None
                row.times, row.error = self._times, describe_error(error)
                row.save()
            self._written_down = True
        except Exception as unwritten:  # noqa: BLE001 - whatever the cause, the work continues
            log.warning("Could not record this failure: %s.", type(unwritten).__name__)

    def _write_down_that_it_is_well(self) -> None:
        try:
            FailingWork.objects.filter(name=self.name, recovered_at=None).update(recovered_at=timezone.now())
        except DatabaseError as unwritten:
            self._written_down = True
            log.warning("Could not record that the failure has ended: %s.", type(unwritten).__name__)


def describe_error(error: Exception) -> str:
    """Return what we may store of an error: its class, and its message if that is not about a person."""
    kind = type(error).__name__
    match error:
        case NewsletterError():
            said = str(error)
        case OSError() if error.strerror:
            said = f"{kind}: {error.strerror}" + (f" ({error.filename})" if error.filename else "")
        case DatabaseError() if is_locked(error):
            said = "Something else was writing to the database for too long"
        case _:
            said = kind
    return RedactingFormatter().without_secrets(said)[:300]
