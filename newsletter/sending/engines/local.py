"""Threads in one process, over SQLite or PostgreSQL. A stop finishes the posts in flight and starts none."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from types import FrameType

from django.db import connection
from django.utils import timezone

from newsletter.sending.batches import Delivery, send_next_batch
from newsletter.sending.models import Batch, Mailing
from newsletter.sending.settle import recover

THREADS = 4
# How often a mailing that waits for others (another process, a time) is looked at again.
LOOK_AGAIN_SECONDS = 0.5

Progress = Callable[[Delivery], None]


class LocalEngine:
    """Sends one mailing until nothing of it waits, or until it is told to stop."""

    def __init__(
        self, mailing_id: int, *, threads: int = THREADS, on_progress: Progress = lambda _: None
    ) -> None:
        self.mailing_id, self.threads, self.on_progress = mailing_id, threads, on_progress
        self.stopping = Event()

    def stop(self) -> None:
        """Start no more posts; `run` returns when those in flight are done."""
        self.stopping.set()

    def run(self) -> None:
        """Send. Returns when the mailing is over, paused or stopped, or only unknown recipients are left."""
        recover()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="sending") as pool:
            running: set[Future[Delivery | None]] = set()
            while not self.stopping.is_set():
                running |= {pool.submit(self._send_one) for _ in range(self.threads - len(running))}
                done, running = wait(running, return_when=FIRST_COMPLETED)
                if not self._report(done) and not running and not self._more_to_come():
                    return
            self._report(wait(running).done)

    def _report(self, done: set[Future[Delivery | None]]) -> bool:
        delivered = [delivery for each in done if (delivery := each.result()) is not None]
        for delivery in delivered:
            self.on_progress(delivery)
        return bool(delivered)

    def _send_one(self) -> Delivery | None:
        try:
            return None if self.stopping.is_set() else send_next_batch(self.mailing_id)
        finally:
            connection.close()

    def _more_to_come(self) -> bool:
        """Wait a moment when something will become due, or when another process has not answered yet."""
        mailing = Mailing.objects.get(pk=self.mailing_id)
        open_batches = mailing.batches.exclude(state__in=[Batch.State.ANSWERED, Batch.State.UNKNOWN])
        if mailing.state != Mailing.State.SENDING:
            open_batches = open_batches.filter(state=Batch.State.POSTING)
        if not open_batches.exists():
            return False
        if mailing.not_before is None or mailing.not_before <= timezone.now():
            recover()
        self.stopping.wait(LOOK_AGAIN_SECONDS)
        return True


@contextmanager
def stopped_by_signals(engine: LocalEngine) -> Iterator[None]:
    """While inside, SIGTERM and the first Ctrl-C stop the engine; a second Ctrl-C ends the process."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        engine.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
