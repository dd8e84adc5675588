"""Nightly backups that could not be made, restored in the trial, or copied to somewhere else."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.background_jobs.models import BackgroundJob
from newsletter.issues.page_urls import desk_path
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, not_notified

JOB = "backup"


def failed_backups(since: datetime) -> Iterator[NotableEvent]:
    """Yield an event for each nightly backup that failed. People who ask for a backup see on the page if it failed."""
    failed = BackgroundJob.objects.filter(
        kind=JOB, state=BackgroundJob.State.FAILED, account=None, ended_at__gte=since
    )
    for job in not_notified(failed, "backup").order_by("pk"):
        yield NotableEvent(
            key=f"backup:{job.pk}",
            kind=Kind.BACKUP_FAILED,
            subject="The nightly backup failed",
            text="Without a backup, new data could be lost. Check the backups, and make a backup now.",
            reason=job.sentence,
            link=f"{desk_path()}settings/system/backups/",
            data={"phase": job.phase},
        )
