"""The job that makes a backup: it is tried by restoring it, old nightly ones are removed, and it is copied elsewhere.

Each step that was done is stored, so that a job which begins again goes on from there. A job whose backup could not be
copied is done, because there is a backup: its result says why there is no copy.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone

from newsletter.background_jobs.run_jobs import JobRun
from newsletter.backups.copy_elsewhere import copies_elsewhere, copy_elsewhere
from newsletter.backups.make_backup import make_backup
from newsletter.backups.models import StoredBackup
from newsletter.backups.nightly_backups import BACKUP, backup_plan
from newsletter.backups.stored_backups import NOT_COPIED, backup_folder, discard, this_machine
from newsletter.backups.try_restoring import Trial, try_restoring
from newsletter.errors import NewsletterError

log = logging.getLogger(__name__)

STEPS = 3
TryRestoring = Callable[[Path, Callable[[], None]], Trial]


def run_backup(run: JobRun, *, trial: TryRestoring = try_restoring) -> Mapping[str, Any]:
    """Make a backup and look after it. Raises Refused, Invalid or Unreachable if it cannot be made or restored."""
    run.tell("Making the backup", 0, STEPS)
    backup = _made(run)
    run.keep(**{BACKUP: backup.pk})
    run.tell("Testing the backup", 1, STEPS)
    _try(run, backup, trial)
    # Not before: an old backup that can be restored is better than a new one that cannot.
    _remove_old_ones()
    if copies_elsewhere() and backup.copied_at is None:
        run.tell("Copying the backup", 2, STEPS)
        if sentence := _copy(run, backup):
            return {NOT_COPIED: sentence}
    return {}


def _made(run: JobRun) -> StoredBackup:
    """Return the backup of this job, which an earlier process may have made."""
    name = f"newsletter-{run.job.asked_at:%Y-%m-%d-%H%M%S}.tar.gz"
    known = StoredBackup.objects.filter(name=name).first()
    file = backup_folder() / name
    if known is not None and file.is_file():
        return known
    # A file with this name is complete: it gets its name last.
    if not file.is_file():
        make_backup(file)
    backup, _is_new = StoredBackup.objects.update_or_create(
        name=name,
        defaults={
            "machine": this_machine(),
            "reason": run.arguments.get("reason", StoredBackup.Reason.ASKED),
            "made_by": run.job.asked_by,
            "made_at": timezone.now(),
            "bytes": file.stat().st_size,
        },
    )
    return backup


def _try(run: JobRun, backup: StoredBackup, trial: TryRestoring) -> None:
    problem: NewsletterError | None = None
    found = Trial()
    try:
        found = trial(backup_folder() / backup.name, run.look_whether_to_end)
    except NewsletterError as error:
        problem = error
    backup.tried_at, backup.trial_error = timezone.now(), str(problem or "")
    backup.subscribers, backup.issues, backup.is_only_read = (
        found.subscribers,
        found.issues,
        found.is_only_read,
    )
    backup.save(update_fields=("tried_at", "trial_error", "subscribers", "issues", "is_only_read"))
    if problem is not None:
        raise problem


def _remove_old_ones() -> None:
    """Remove nightly backups of this machine beyond those that the plan keeps. Those made by hand stay.

    Only those that could be restored count as kept.
    """
    nightly = StoredBackup.objects.filter(reason=StoredBackup.Reason.NIGHTLY, machine=this_machine())
    good = nightly.filter(trial_error="", tried_at__isnull=False).order_by("-made_at", "-pk")
    kept = list(good.values_list("made_at", flat=True)[: backup_plan().keep])
    if kept:
        for old in nightly.filter(made_at__lt=kept[-1]).order_by("pk"):
            discard(old)


def _copy(run: JobRun, backup: StoredBackup) -> str:
    """Copy a backup elsewhere. Return a sentence if that failed, or an empty string."""
    try:
        copy_elsewhere(backup_folder() / backup.name, run.look_whether_to_end)
    except NewsletterError as error:
        backup.copy_error = str(error)
        backup.save(update_fields=("copy_error",))
        log.warning("The backup %s was made, but could not be copied: %s", backup.name, error)
        return f"The backup was made, but could not be copied: {error}"
    backup.copied_at, backup.copy_error = timezone.now(), ""
    backup.save(update_fields=("copied_at", "copy_error"))
    return ""
