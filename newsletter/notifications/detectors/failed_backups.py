"""Backups that could not be made, restored in the trial, or copied to somewhere else; and nights without any backup."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from newsletter.background_jobs.models import BackgroundJob
from newsletter.issues.page_urls import desk_path
from newsletter.notifications.detectors.notable_event import (
    Kind,
    NotableEvent,
    not_notified,
    was_notified,
)

JOB = "backup"
NOT_COPIED = "not_copied"
TOO_LONG = timedelta(days=2)


def failed_backups(since: datetime) -> Iterator[NotableEvent]:
    """Yield an event for each backup that failed, or that was made and could not be copied to another place.

    Nobody waits on the page until a backup is tested.
    """
    not_copied = Q(state=BackgroundJob.State.DONE, result__has_key=NOT_COPIED)
    jobs = BackgroundJob.objects.filter(
        Q(state=BackgroundJob.State.FAILED) | not_copied, kind=JOB, ended_at__gte=since
    )
    for job in not_notified(jobs, JOB).order_by("pk"):
        whose = "The nightly" if job.account is None else "A"
        subject, text, reason = (
            (
                f"{whose} backup failed",
                "Without a backup, new data could be lost. Check the backups, and make a backup now.",
                job.sentence,
            )
            if job.state == BackgroundJob.State.FAILED
            else (
                f"{whose} backup was made, but could not be copied",
                "The backup is only on the server where it was made. If this server fails, the backup is lost too.",
                str(job.result[NOT_COPIED]),
            )
        )
        yield NotableEvent(
            key=f"{JOB}:{job.pk}",
            kind=Kind.BACKUP_FAILED,
            subject=subject,
            text=text,
            reason=reason,
            link=_link(),
            data={"phase": job.phase},
        )


def missing_backups(since: datetime) -> Iterator[NotableEvent]:
    """Yield an event if nightly backups were asked for, and for two days none was made and tested.

    The first that was asked for in vain identifies the event, so that there is one for each such time. If none was
    asked for lately, nightly backups are off.
    """
    in_vain: list[tuple[int, datetime]] = []
    jobs = BackgroundJob.objects.filter(kind=JOB, asked_at__gte=since).order_by("pk")
    for number, asked_at, state, account in jobs.values_list("pk", "asked_at", "state", "account"):
        if state == BackgroundJob.State.DONE:
            in_vain = []
        elif account is None:
            in_vain.append((number, asked_at))
    before = timezone.now() - TOO_LONG
    if not in_vain or in_vain[0][1] > before or in_vain[-1][1] < before:
        return
    if not was_notified(key := f"no-backup:{in_vain[0][0]}"):
        yield NotableEvent(
            key=key,
            kind=Kind.BACKUP_FAILED,
            subject="No backup for two days",
            text=(
                "In the last two days, we have not made a backup that we could restore in a test. Check "
                "the backups, and make a backup now."
            ),
            link=_link(),
        )


def _link() -> str:
    return f"{desk_path()}settings/system/backups/"
