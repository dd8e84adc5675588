"""Asking for a job, looking at it, and cancelling it."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import NotFound, Refused

State = BackgroundJob.State


def ask_for_job(
    kind: str, arguments: Mapping[str, Any] | None = None, *, folder: str = "", total: int = 0
) -> BackgroundJob:
    """Write down a job for the current actor, which a scheduler begins within seconds.

    `kind` is one of scheduler.JOBS. The caller checks that the actor may do this; the job checks it again when it is
    worked on. `arguments` must not name a subscriber. `folder` is where its files are (job_files.py).
    """
    actor, now = current_actor(), timezone.now()
    return BackgroundJob.objects.create(
        kind=kind,
        asked_by=actor.name[:150],
        account=actor.account,
        asked_at=now,
        due_at=now,
        arguments=dict(arguments or {}),
        folder=folder,
        total=total,
    )


def find_job(number: int, *kinds: str) -> BackgroundJob:
    """Return the job with this number, of one of these kinds. Raises NotFound."""
    job = BackgroundJob.objects.filter(pk=number, kind__in=kinds).first()
    if job is None:
        raise NotFound("We could not find this job. It may have been deleted.")
    return job


def cancel_job(job: BackgroundJob) -> BackgroundJob:
    """Cancel a job: at once if nobody works on it yet, otherwise after the piece that is being done.

    What was done before stays done. Raises Refused if the job has ended.
    """
    now = timezone.now()
    row = BackgroundJob.objects.filter(pk=job.pk)
    waiting = row.filter(state=State.WAITING)
    if not waiting.update(state=State.CANCELLED, cancel_asked_at=now, ended_at=now, due_at=None):
        running = row.filter(state=State.RUNNING, cancel_asked_at=None)
        if not running.update(cancel_asked_at=now) and not row.filter(state=State.RUNNING).exists():
            raise Refused("This job has already ended, so you cannot cancel it.")
    job.refresh_from_db()
    return job
