"""Sends one mailing with threads in one process. A stop finishes the current posts and starts no more."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Lock

from django.db import OperationalError, connection
from django.db.models import Q
from django.utils import timezone

from newsletter.instance.guard import may_send, require_may_send
from newsletter.sending.batches import send_next_batch
from newsletter.sending.defer_mailing import deferred_until
from newsletter.sending.engines import THREADS
from newsletter.sending.engines.engine_interface import Progress
from newsletter.sending.engines.threads import run_in_threads
from newsletter.sending.enqueue_batches import enqueue_count, wait_for_enqueue
from newsletter.sending.models import Batch, Mailing
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.transports import transport_named

log = logging.getLogger(__name__)

# The interval at which we check a mailing that waits for another process or for a time.
LOOK_AGAIN_SECONDS = 0.2
# Nobody wants to watch a command for longer than this. `newsletter worker` waits for as long as necessary.
LONGEST_WAIT = timedelta(minutes=15)
OPEN = (Batch.State.WAITING, Batch.State.POSTING)


class LocalEngine:
    """Sends one mailing until none of its batches is waiting, or until it is told to stop."""

    def __init__(
        self,
        mailing_id: int,
        *,
        threads: int = THREADS,
        on_progress: Progress = lambda _: None,
        on_wait: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.mailing_id, self.threads = mailing_id, threads
        self.on_progress, self.on_wait = on_progress, on_wait
        self._stopping, self._reporting = Event(), Lock()
        self._waits_until: datetime | None = None

    def stop(self) -> None:
        """Start no more posts; `run` returns when the current ones are finished."""
        self._stopping.set()

    def run(self) -> None:
        """Send. Returns when the mailing is over, paused, stopped or deferred for long, or when the rest is unknown.

        Raises Refused for a database that was copied or restored.
        """
        require_may_send()
        recover_abandoned_batches()
        reconcile_mailings(self.mailing_id)
        transport = transport_named(Mailing.objects.get(pk=self.mailing_id).transport)
        threads = min(self.threads, Batch.objects.filter(mailing=self.mailing_id, state__in=OPEN).count())
        try:
            run_in_threads(threads, self._work, stop=self.stop)
        finally:
            transport.close()

    def _work(self) -> None:
        while not self._stopping.is_set():
            since = enqueue_count()
            try:
                delivery = send_next_batch(self.mailing_id, stopping=self._stopping.is_set)
            except OperationalError as error:
                # The error was raised before anything was posted.
                log.warning("We could not use the database (%s). We will try again.", error)
                connection.close()
                self._stopping.wait(LOOK_AGAIN_SECONDS)
                continue
            if delivery is not None:
                with self._reporting:
                    self.on_progress(delivery)
            elif not self._more_to_come(since):
                return

    def _more_to_come(self, since: int) -> bool:
        """Wait a moment if a batch will become due, or if another process is still posting."""
        if recover_abandoned_batches():
            reconcile_mailings(self.mailing_id)
        mailing = Mailing.objects.select_related("issue__publication").get(pk=self.mailing_id)
        # A batch that another process posts may return to waiting, unless the mailing no longer sends.
        open_batches = mailing.batches.filter(state__in=OPEN)
        if mailing.state != Mailing.State.SENDING or not open_batches.exists() or not may_send():
            return False
        until, horizon = deferred_until(mailing), timezone.now() + LONGEST_WAIT
        is_long = Q(state=Batch.State.WAITING, not_before__gt=horizon)
        if (until is not None and until > horizon) or not open_batches.exclude(is_long).exists():
            return False
        self._say_what_is_waited_for(mailing)
        wait_for_enqueue(LOOK_AGAIN_SECONDS, since=since, stopping=self._stopping)
        return True

    def _say_what_is_waited_for(self, mailing: Mailing) -> None:
        """Say once for each deferral until when we are waiting."""
        with self._reporting:
            until = deferred_until(mailing)
            if until is None or until == self._waits_until:
                return
            self._waits_until = until
            clock = timezone.localtime(until, mailing.issue.publication.tzinfo)
            self.on_wait(f"{mailing} is waiting until {clock:%H:%M:%S}. {mailing.defer_reason}".strip())
