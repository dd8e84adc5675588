"""The backups that the scheduler made: asking for one, and listing, downloading and removing them."""

import socket
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.backups.models import StoredBackup
from newsletter.backups.nightly_backups import JOB
from newsletter.errors import NotFound, Refused

# In the result of a job: the sentence about a backup that could not be copied.
NOT_COPIED = "not_copied"
OPEN = (BackgroundJob.State.WAITING, BackgroundJob.State.RUNNING)


def backup_folder() -> Path:
    """Return the folder of backups, which may not exist yet."""
    home: Path = settings.NEWSLETTER.home
    return Path(settings.NEWSLETTER.backup_folder or home / "backups")


def this_machine() -> str:
    """Return the name of this machine, by which files are found again."""
    return socket.gethostname()[:255]


def ask_for_backup() -> BackgroundJob:
    """Ask for a backup, which the scheduler makes. If one is being made, return that.

    Raises Refused unless the actor is an administrator.
    """
    require_role(Role.ADMINISTRATOR, "Making a backup")
    with transaction.atomic():
        open_job = BackgroundJob.objects.filter(kind=JOB, state__in=OPEN).order_by("pk").first()
        return open_job or ask_for_job(JOB, {"reason": StoredBackup.Reason.ASKED})


def latest_backup_job() -> BackgroundJob | None:
    """Return the latest backup that was asked for, if that is known."""
    return BackgroundJob.objects.filter(kind=JOB).order_by("-pk").first()


def why_not_copied(job: BackgroundJob | None) -> str:
    """Return the sentence about a backup that was made, but could not be copied elsewhere, or an empty string."""
    return str(job.result.get(NOT_COPIED, "")) if job and job.state == BackgroundJob.State.DONE else ""


def stored_backups() -> QuerySet[StoredBackup]:
    """Return the backups, newest first. Raises Refused unless the actor is an administrator."""
    require_role(Role.ADMINISTRATOR, "Viewing backups")
    return StoredBackup.objects.order_by("-made_at", "-pk")


def latest_good_backup() -> StoredBackup | None:
    """Return the newest backup that could be restored in a test, or read in full, if there is one."""
    good = StoredBackup.objects.filter(tried_at__isnull=False, trial_error="")
    return good.order_by("-made_at", "-pk").first()


def why_not_here(backup: StoredBackup) -> str:
    """Return why the file of a backup cannot be used here, or an empty string."""
    if (backup_folder() / backup.name).is_file():
        return ""
    if backup.machine and backup.machine != this_machine():
        return f"The file is on the machine {backup.machine}."
    return "The file is no longer in the backup folder."


def open_backup_file(number: int) -> tuple[StoredBackup, BinaryIO]:
    """Return a backup and its open file, and record who got it: it contains all addresses and the secret key.

    Raises NotFound, and Refused unless the actor is an administrator who proved lately who they are.
    """
    require_role(Role.ADMINISTRATOR, "Downloading a backup")
    require_confirmed_actor()
    backup = _numbered(number)
    try:
        file = (backup_folder() / backup.name).open("rb")
    except OSError as error:
        raise NotFound(why_not_here(backup) or "We could not read the backup file.") from error
    audit_log.write("backup-download", f"Downloaded the backup {backup.name}.", thing=f"backup {number}")
    return backup, file


def find_backup(number: int) -> StoredBackup:
    """Return a backup. Raises NotFound, and Refused unless the actor is an administrator."""
    require_role(Role.ADMINISTRATOR, "Viewing backups")
    return _numbered(number)


def remove_backup(number: int) -> StoredBackup:
    """Remove a backup and its file. Raises NotFound, and Refused unless the actor is an administrator."""
    require_role(Role.ADMINISTRATOR, "Removing a backup")
    backup = _numbered(number)
    discard(backup)
    return backup


def discard(backup: StoredBackup) -> None:
    """Remove a backup and its file. The caller has checked that the actor may do this.

    Raises Refused if the file cannot be removed here; then the backup stays in the list.
    """
    number = backup.pk
    if not (backup_folder() / backup.name).is_file() and backup.machine != this_machine():
        raise Refused(f"{why_not_here(backup)} Remove the backup there.")
    try:
        (backup_folder() / backup.name).unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"We could not remove {backup.name}: {error.strerror}.") from error
    with transaction.atomic():
        if StoredBackup.objects.filter(pk=number).delete()[0]:
            audit_log.write("backup-remove", f"Removed the backup {backup.name}.", thing=f"backup {number}")


def _numbered(number: int) -> StoredBackup:
    backup = StoredBackup.objects.filter(pk=number).first()
    if backup is None:
        raise NotFound("This backup has been removed. Choose another backup from the list.")
    return backup
