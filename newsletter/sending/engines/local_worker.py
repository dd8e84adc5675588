"""Threads that send due batches of any mailing, in as many processes as the database can serve."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock

from django.db import close_old_connections, connection

from newsletter.sending.batches import posts_alone_here, send_next_batch
from newsletter.sending.due_batches import due_batches
from newsletter.sending.engines.engine_interface import Progress, reconcile_seconds, recover_seconds
from newsletter.sending.engines.threads import run_in_threads
from newsletter.sending.enqueue_batches import enqueue_count, wait_for_enqueue, wake
from newsletter.sending.models import Mailing
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.repeated_failures import RepeatedWork
from newsletter.sending.transports import transport_named

log = logging.getLogger(__name__)

# One idle thread looks every 2 seconds. The others wait to be woken. They look by themselves only if it has not looked
# for 30 seconds, such as while its connection is stuck.
LOOK_AGAIN_SECONDS, STUCK_SECONDS = 2.0, 30.0


class LocalWorker:
    """The engine `local` as a separate process. With `once` it ends when nothing is due, or at its first failure."""

    def __init__(self, *, threads: int, once: bool, on_progress: Progress) -> None:
        self.threads, self.once, self.on_progress = threads, once, on_progress
        self._stopping, self._reporting, self._looking = Event(), Lock(), Lock()
        self._looked_at = time.monotonic()
        self._upkeep, self._sending = Maintenance(raises=once), RepeatedWork("the worker", "send due batches")

    def stop(self) -> None:
        """Start no more posts; `run` returns when the current ones are finished."""
        self._stopping.set()

    def run(self) -> None:
        """Send until stopped. Tries again after any failure, including a lost database."""
        try:
            run_in_threads(self.threads, self._work, stop=self.stop)
        finally:
            close_connections()

    def _work(self) -> None:
        if not self.once:
            # Only one thread begins to look: each that asks the database has a connection, with its own memory.
            self._wait_for_batches(enqueue_count(), first_look_after=0)
        while not self._stopping.is_set():
            since = enqueue_count()
            try:
                close_old_connections()
                self._upkeep.when_due()
                sent = self._sent_one()
                self._sending.succeeded()
            except Exception as error:
                if self.once:
                    raise
                # A batch that was being posted is found by its lease.
                with suppress(Exception):
                    connection.close()
                self._stopping.wait(self._sending.failed(error))
                continue
            if sent:
                continue
            if self.once and not posts_alone_here():
                return
            self._wait_for_batches(since)

    def _wait_for_batches(self, since: int, *, first_look_after: float = LOOK_AGAIN_SECONDS) -> None:
        """Wait until there may be something to send: one idle thread looks, and wakes the others."""
        if not self._looking.acquire(blocking=False):
            self._wait_to_be_woken(since)
            return
        try:
            wait_for_enqueue(first_look_after, since=since, stopping=self._stopping)
            while enqueue_count() == since and not self._stopping.is_set():
                self._upkeep.when_due()
                if due_batches().exists():
                    wake()
                else:
                    self._looked_at = time.monotonic()
                    wait_for_enqueue(LOOK_AGAIN_SECONDS, since=since, stopping=self._stopping)
        except Exception as error:
            # The loop uses the same database: it will log the error and try again.
            log.debug("Could not look for due batches", exc_info=error)
            with suppress(Exception):
                connection.close()
        finally:
            self._looking.release()

    def _wait_to_be_woken(self, since: int) -> None:
        """Wait while another thread looks. After a while, a connection that this thread had is closed."""
        while enqueue_count() == since and not self._stopping.is_set():
            wait_for_enqueue(STUCK_SECONDS, since=since, stopping=self._stopping)
            with suppress(Exception):
                close_old_connections()
            if time.monotonic() - self._looked_at >= STUCK_SECONDS:
                return

    def _sent_one(self) -> bool:
        delivery = send_next_batch(stopping=self._stopping.is_set)
        if delivery is not None:
            with self._reporting:
                self.on_progress(delivery)
        return delivery is not None


class Maintenance:
    """The regular tasks of a worker besides sending. One thread does them while the others send."""

    def __init__(self, *, raises: bool = False) -> None:
        self._raises = raises
        self._acts = (
            PeriodicTask(
                recover_abandoned_batches,
                recover_seconds(),
                RepeatedWork("the worker", "take over batches from processes that stopped"),
            ),
            PeriodicTask(
                reconcile_mailings,
                reconcile_seconds(),
                RepeatedWork("the worker", "find out whether emails with an unknown outcome were sent"),
            ),
        )

    def when_due(self) -> None:
        """Find batches whose process died, and reconcile unknown recipients by evidence, if it is time to.

        A failure of one task is logged and stops neither the other task nor the sending. Neither does a provider that
        is slow to give evidence.
        """
        for each in self._acts:
            each.when_due(raises=self._raises)


class PeriodicTask:
    """One task that is done at an interval in seconds; later after a failure."""

    def __init__(self, act: Callable[[], int], seconds: float, work: RepeatedWork) -> None:
        self._act, self._seconds, self._work = act, seconds, work
        self._due, self._busy = 0.0, Lock()

    def when_due(self, *, raises: bool) -> None:
        """Do the task if it is due and no other thread is doing it."""
        if time.monotonic() < self._due or not self._busy.acquire(blocking=False):
            return
        try:
            self._do(raises=raises)
        finally:
            self._busy.release()

    def _do(self, *, raises: bool) -> None:
        self._due = time.monotonic() + self._seconds
        try:
            self._act()
            self._work.succeeded()
        except Exception as error:
            if raises:
                raise
            self._due = time.monotonic() + max(self._work.failed(error), self._seconds)
            # The cause may be this thread's connection.
            with suppress(Exception):
                connection.close()


def close_connections() -> None:
    """Close the connections of the transports. Call this when nothing is being posted any more."""
    try:
        _close_transports()
    except Exception:
        log.exception("Could not close the connections to the mail servers.")


def _close_transports() -> None:
    for name in Mailing.objects.order_by().values_list("transport", flat=True).distinct():
        transport_named(name).close()
