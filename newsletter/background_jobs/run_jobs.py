"""Works on jobs, one at a time in each scheduler; any number of schedulers may ask, and each job is done by one.

1. Claim: the row's moment is moved forward by compare-and-set (leases.py), and a thread moves it on while the work
   lasts, so that a job whose process ended is continued by another within a minute.
2. Work: the function of the job's kind gets a `JobRun`. It tells it how far it is, and calls `hold` in each of its
   transactions, which writes to the claimed row: a process that lost the job commits nothing more.
3. End: done with a result, failed with a sentence, cancelled, or put back because the scheduler stops.

A function must be able to start again and skip what an earlier attempt committed.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DatabaseError, connections
from django.utils import timezone

from newsletter.accounts.actor import SYSTEM, Actor, acting_as
from newsletter.accounts.users import actor_of
from newsletter.background_jobs import job_files
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import NewsletterError
from subscribers.leases import Leases, unchanged
from subscribers.transactions import repeated

log = logging.getLogger(__name__)

State = BackgroundJob.State
LEASES = Leases("due_at")
LEASE = timedelta(minutes=1)
RENEWED_EVERY = 15.0
# How often a page learns how far a job is.
TOLD_EVERY = timedelta(seconds=0.5)
# A job that ends its process, or fails by a fault of ours, is tried this often.
MAX_BROKEN_OFF = 3
RETRY_AFTER = timedelta(seconds=20)
LOOKED_AT = 50
BROKEN_OFF = (
    "We tried several times to finish this, but something went wrong on our side each time. Ask an "
    "administrator to "
    "look at the scheduler’s log."
)


class JobCancelledError(Exception):
    """Somebody cancelled the job. What was committed before stays."""


class JobInterruptedError(Exception):
    """The scheduler stops. The job is continued by the next one."""


class JobLostError(Exception):
    """Another process has claimed the job since."""


class JobRun:
    """One process that works on a job."""

    def __init__(self, job: BackgroundJob, should_stop: Callable[[], bool]) -> None:
        self.job, self._should_stop = job, should_stop
        self._told_at: datetime | None = None

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the job is about."""
        arguments: Mapping[str, Any] = self.job.arguments
        return arguments

    def tell(self, phase: str, done: int = 0, total: int = 0) -> None:
        """Say how far the job is. `total` is 0 while it is unknown. Call this between two transactions, and often.

        No cursor may be open, as `QuerySet.iterator` keeps one: SQLite would refuse to write. Raises JobCancelledError
        or JobInterruptedError if the work should end here.
        """
        now = timezone.now()
        is_new = phase != self.job.phase or total != self.job.total or done == total
        if not is_new and self._told_at and timedelta() <= now - self._told_at < TOLD_EVERY:
            return
        self._told_at = now
        self._write(phase=phase[:60], done=done, total=total)
        self.look_whether_to_end()

    def look_whether_to_end(self) -> None:
        """Raise JobCancelledError, JobInterruptedError or JobLostError if the work should end here."""
        found = LEASES.held(self.job, state=State.RUNNING).values_list("cancel_asked_at", flat=True)
        if not (asked := list(found)):
            raise JobLostError
        if asked[0]:
            raise JobCancelledError
        if self._should_stop():
            raise JobInterruptedError

    def hold(self) -> None:
        """Renew the claim inside the caller's transaction. Raises JobLostError if another process has the job."""
        if not LEASES.held(self.job, state=State.RUNNING).update(due_at=timezone.now() + LEASE):
            raise JobLostError

    def keep(self, **result: Any) -> None:
        """Store something about the job, which a later attempt finds in `job.result`, without any address."""
        self._write(result={**self.job.result, **result})

    def _write(self, **values: Any) -> None:
        if not repeated(lambda: LEASES.held(self.job, state=State.RUNNING).update(**values)):
            raise JobLostError
        for name, value in values.items():
            setattr(self.job, name, value)


Work = Callable[[JobRun], Mapping[str, Any]]


def run_next_job(kinds: Mapping[str, Work], should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Work on the oldest job that is due and can be done here, until it ends or `should_stop`.

    Return whether there was one.
    """
    now = timezone.now()
    for job in _due(kinds, now)[:LOOKED_AT]:
        if job_files.exists(job.folder) and _claim(job, now):
            _run(job, kinds[job.kind], should_stop)
            return True
    return False


def run_job_at_once(job: BackgroundJob, work: Work) -> BackgroundJob:
    """Work on a small job in this process, for as long as its page is waited for. Return it as it is then.

    If the process ends, a scheduler continues.
    """
    if _claim(job, timezone.now()):
        try:
            _run(job, work, lambda: False)
        except Exception:
            log.exception("%s failed. The scheduler will try it again.", job)
    job.refresh_from_db()
    return job


def prune_jobs(before: datetime) -> int:
    """Delete the rows of jobs that ended before a moment. Return how many.

    A job that waits for a file that no machine has is failed by then.
    """
    deleted = BackgroundJob.objects.filter(ended_at__lt=before).delete()[0]
    lost = BackgroundJob.objects.filter(state__in=(State.WAITING, State.RUNNING), asked_at__lt=before)
    for job in lost.exclude(folder=""):
        if not job_files.exists(job.folder):
            _end(job, State.FAILED, sentence="The file for this job is no longer stored.")
    return deleted


def _due(kinds: Mapping[str, Work], now: datetime) -> Any:
    has_come = LEASES.due(now, ()) | LEASES.too_far_ahead(now, LEASE)
    open_ones = BackgroundJob.objects.filter(kind__in=kinds, state__in=(State.WAITING, State.RUNNING))
    return open_ones.filter(has_come).order_by("pk")


def _claim(job: BackgroundJob, now: datetime) -> bool:
    """Claim the job for this process. One whose process ended in the middle too often fails instead."""
    broken_off = job.broken_off + (job.state == State.RUNNING)
    if broken_off >= MAX_BROKEN_OFF:
        _end(job, State.FAILED, sentence=BROKEN_OFF)
        return False
    row = unchanged(job, "due_at", "state", "attempts")
    changes: dict[str, Any] = {"state": State.RUNNING, "broken_off": broken_off}
    if job.began_at is None:
        changes["began_at"] = now
    if not repeated(lambda: LEASES.claim(row, now + LEASE, **changes)):
        return False
    job.refresh_from_db()
    return True


def _run(job: BackgroundJob, work: Work, should_stop: Callable[[], bool]) -> None:
    run = JobRun(job, should_stop)
    try:
        with _renewing(job), acting_as(_actor_of(job)):
            run.look_whether_to_end()
            result = work(run)
    except JobLostError:
        log.warning("Another process has taken over %s.", job)
    except JobCancelledError:
        _end(job, State.CANCELLED)
    except JobInterruptedError:
        _put_back(job, timezone.now())
    except NewsletterError as error:
        _end(job, State.FAILED, sentence=str(error))
    except Exception:
        _broken_off(job)
        raise
    else:
        _end(job, State.DONE, result={**job.result, **result})


def _actor_of(job: BackgroundJob) -> Actor:
    """Return the person who asked, with the roles that they have now. The system asks for itself."""
    if job.account is None:
        return SYSTEM if job.asked_by == SYSTEM.name else Actor(job.asked_by)
    user = get_user_model().objects.filter(pk=job.account).first()
    return actor_of(user) if user else Actor(job.asked_by)


def _end(job: BackgroundJob, state: str, **values: Any) -> None:
    held = LEASES.held(job)
    ended = {"state": state, "ended_at": timezone.now(), "due_at": None, **values}
    if repeated(lambda: held.exclude(ended_at__isnull=False).update(**ended)):
        for name, value in ended.items():
            setattr(job, name, value)


def _put_back(job: BackgroundJob, due_at: datetime) -> None:
    repeated(lambda: LEASES.held(job, state=State.RUNNING).update(state=State.WAITING, due_at=due_at))


def _broken_off(job: BackgroundJob) -> None:
    """Try again a little later, or give up."""
    job.broken_off += 1
    if job.broken_off >= MAX_BROKEN_OFF:
        _end(job, State.FAILED, sentence=BROKEN_OFF, broken_off=job.broken_off)
        return
    held = LEASES.held(job, state=State.RUNNING)
    due_at = timezone.now() + RETRY_AFTER
    repeated(lambda: held.update(state=State.WAITING, due_at=due_at, broken_off=job.broken_off))


@contextmanager
def _renewing(job: BackgroundJob) -> Iterator[None]:
    """Move the end of the claim forward in another thread, since a piece of work may last longer than the claim."""
    ended = Event()
    thread = Thread(target=partial(_renew, job, ended), name="job", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(job: BackgroundJob, ended: Event) -> None:
    while not ended.wait(RENEWED_EVERY):
        try:
            held = LEASES.held(job, state=State.RUNNING)
            if not held.update(due_at=timezone.now() + LEASE):
                return
        except DatabaseError as error:
            log.warning("Could not renew the claim of %s: %s.", job, type(error).__name__)
        finally:
            connections.close_all()
