"""Threads that send whatever is due in any mailing, in as many processes as the database carries."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock

from django.db import OperationalError, close_old_connections, connection

from newsletter.sending.batches import send_next_batch
from newsletter.sending.engines import RECOVER_SECONDS, SETTLE_SECONDS, Progress
from newsletter.sending.engines.threads import run_in_threads
from newsletter.sending.models import Mailing
from newsletter.sending.settle import recover, settle_by_evidence
from newsletter.sending.transports import transport_named

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0


class LocalWorker:
    """The engine `local` as a process of its own. With `once` it ends when nothing is due."""

    def __init__(self, *, threads: int, once: bool, on_progress: Progress) -> None:
        self.threads, self.once, self.on_progress = threads, once, on_progress
        self._stopping, self._reporting, self._upkeep = Event(), Lock(), Upkeep()

    def stop(self) -> None:
        """Start no more posts; `run` returns when those in flight are done."""
        self._stopping.set()

    def run(self) -> None:
        """Send until stopped. A database that is away for a while is waited for."""
        try:
            run_in_threads(self.threads, self._work, stop=self.stop)
        finally:
            hang_up()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._sent_one():
                    continue
            except OperationalError:
                # What was being posted is found by its lease.
                log.exception("The database did not answer; trying again")
                connection.close()
                if self.once:
                    raise
            if self.once:
                return
            self._stopping.wait(LOOK_AGAIN_SECONDS)
            close_old_connections()

    def _sent_one(self) -> bool:
        self._upkeep.when_due()
        delivery = send_next_batch()
        if delivery is not None:
            with self._reporting:
                self.on_progress(delivery)
        return delivery is not None


class Upkeep:
    """What a worker does beside sending, at its start and now and then: in one thread, while the others send."""

    def __init__(self) -> None:
        self._busy = Lock()
        self._due = {recover: 0.0, settle_by_evidence: 0.0}

    def when_due(self) -> None:
        """Find batches whose process died, and settle what evidence settles, if it is time to."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            self._once_a(RECOVER_SECONDS, recover)
            self._once_a(SETTLE_SECONDS, settle_by_evidence)
        finally:
            self._busy.release()

    def _once_a(self, seconds: float, act: Callable[[], int]) -> None:
        if time.monotonic() >= self._due[act]:
            self._due[act] = time.monotonic() + seconds
            act()


def hang_up() -> None:
    """Close what the ways out kept open; to be called when nothing is posted any more."""
    for name in Mailing.objects.order_by().values_list("transport", flat=True).distinct():
        transport_named(name).close()
