"""Takes jobs from PostgreSQL by Procrastinate, in any number of worker processes on any number of machines.

A job only says "send batch N". The batch row is the truth, so a job that comes twice, late or never does no harm: the
worker claims the batch first, and a waiting batch without a job is given a new one.
https://procrastinate.readthedocs.io
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from procrastinate import App, JobContext
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from newsletter.errors import Unreachable
from newsletter.sending.batches import posts_alone_here, send_or_wait
from newsletter.sending.due_batches import due_batches
from newsletter.sending.engines.engine_interface import (
    RECONCILE_SECONDS,
    Progress,
    reconcile_seconds,
    recover_seconds,
)
from newsletter.sending.engines.local_worker import LOOK_AGAIN_SECONDS, close_connections
from newsletter.sending.engines.threads import rare_garbage_collection
from newsletter.sending.enqueue_batches import enqueue_count, wait_for_enqueue
from newsletter.sending.job_queue import QUEUE, SEND, defer_due_batches
from newsletter.sending.post_result import PostResult
from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.repeated_failures import RepeatedWork

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# Maintenance comes before waiting batches.
BEFORE_OTHERS = 10
# A worker without a heartbeat for this long is dead, and so are its jobs. The ledger knows the state of the batches.
GONE_SECONDS = 300


class ProcrastinateWorker:
    """The engine `procrastinate`: takes jobs until it is stopped or, with `once`, until there are none."""

    def __init__(self, *, threads: int, once: bool, on_progress: Progress) -> None:
        self.threads, self.once, self.on_progress = threads, once, on_progress
        self._stopping, self._reporting = Event(), Lock()
        self._opened: set[BaseDatabaseWrapper] = set()
        self._has_sent = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._working: asyncio.Task[None] | None = None
        self._running = RepeatedWork("the worker", "take jobs from PostgreSQL")
        self._sending = RepeatedWork("the worker", "send due batches")
        self._looking = RepeatedWork("the worker", "find due batches")
        self._settling = RepeatedWork(
            "the worker", "find out whether emails with an unknown outcome were sent"
        )

    def stop(self) -> None:
        """Start no more posts; `run` returns when the current ones are finished."""
        self._stopping.set()
        if self._loop is not None and self._working is not None:
            # When cancelled, Procrastinate's worker takes no more jobs and waits for those that are running. Calling a
            # closed loop raises RuntimeError.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._working.cancel)

    def run(self) -> None:
        """Send until stopped, and wait for a lost database to return. With `once`, raises Unreachable instead."""
        try:
            with rare_garbage_collection():
                while not self._stopping.is_set():
                    self._has_sent = False
                    self._run_until_it_fails()
                    if self.once and not self._more_is_due():
                        break
        finally:
            self._hang_up()

    def _more_is_due(self) -> bool:
        """Return whether another round can send something.

        With `once`, Procrastinate takes no more jobs as soon as there are none, even if the batches that it is sending
        make others due.
        """
        return self._has_sent and due_batches().exists()

    def _run_until_it_fails(self) -> None:
        try:
            self._look_after(0)
            self._settle(0)
            asyncio.run(self._serve())
        except ConnectorException as error:
            if self.once:
                raise Unreachable(f"PostgreSQL did not respond: {error} Start the worker again.") from error
            self._rest_after(error)
        except Exception as error:
            if self.once:
                raise
            self._rest_after(error)

    def _rest_after(self, error: Exception) -> None:
        with suppress(Exception):
            connections[DEFAULT_DB_ALIAS].close()
        self._stopping.wait(self._running.failed(error))

    def _hang_up(self) -> None:
        for opened in self._opened:
            with suppress(Exception):
                opened.inc_thread_sharing()
                opened.close()
        close_connections()

    async def _serve(self) -> None:
        self._loop, self._working = asyncio.get_running_loop(), None
        self._loop.set_default_executor(ThreadPoolExecutor(self.threads, thread_name_prefix="sending"))
        app = App(connector=DjangoConnector().get_worker_connector())
        self._teach(app)
        async with app.open_async():
            self._working = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self.threads,
                    wait=not self.once,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            )
            if self._stopping.is_set():
                self._working.cancel()
            with suppress(asyncio.CancelledError):
                await self._working

    def _teach(self, app: App) -> None:
        """Register the tasks of this worker."""
        app.task(name=SEND, queue=QUEUE)(self._send)
        for act, seconds in ((self._look_after, recover_seconds()), (self._settle, reconcile_seconds())):
            name = act.__name__.strip("_").replace("_", " ")
            task = app.task(name=name, queue=QUEUE, queueing_lock=name, priority=BEFORE_OTHERS)(act)
            app.periodic(cron=_every(seconds))(task)
        forgetting = app.task(name="forget", queue=QUEUE, queueing_lock="forget", pass_context=True)(_forget)
        app.periodic(cron=_every(RECONCILE_SECONDS))(forgetting)

    def _send(self, batch: int) -> None:
        if self._stopping.is_set() or self._sending.seconds_to_rest():
            # This job ends. The batch keeps waiting and is given another job.
            return
        with self._surviving(self._sending):
            self._use_database()
            delivery = self._sent(batch)
            if delivery is not None:
                with self._reporting:
                    self._has_sent = True
                    self.on_progress(delivery)

    def _sent(self, batch: int) -> PostResult | None:
        while not self._stopping.is_set():
            since = enqueue_count()
            delivery = send_or_wait(batch, stopping=self._stopping.is_set)
            if delivery is not None or not posts_alone_here():
                return delivery
            # Otherwise this job (and with `once` this worker) would end before the single post makes the other batches
            # due.
            wait_for_enqueue(LOOK_AGAIN_SECONDS, since=since, stopping=self._stopping)
        return None

    def _look_after(self, timestamp: int) -> None:  # noqa: ARG002 - Procrastinate passes the scheduled time
        with self._surviving(self._looking):
            self._use_database()
            recover_abandoned_batches()
            defer_due_batches()
            self._running.succeeded()

    def _settle(self, timestamp: int) -> None:  # noqa: ARG002
        with self._surviving(self._settling):
            self._use_database()
            reconcile_mailings()

    @contextmanager
    def _surviving(self, work: RepeatedWork) -> Iterator[None]:
        """Log a failure inside, so that it ends neither the worker nor other work."""
        try:
            yield
            work.succeeded()
        except Exception as error:
            if self.once:
                raise
            work.failed(error)

    def _use_database(self) -> None:
        """Use this thread's connection, or open it again if it is old or broken."""
        close_old_connections()
        self._opened.add(connections[DEFAULT_DB_ALIAS])


async def _forget(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Remove the jobs that workers left behind when they died."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=GONE_SECONDS):
        await manager.finish_job(job, status=Status.FAILED, delete_job=True)


def _every(seconds: int) -> str:
    """Return an interval as a cron line with a sixth column for seconds."""
    return "* * * * *" if seconds == 60 else f"* * * * * */{seconds}"  # noqa: PLR2004 - a minute
