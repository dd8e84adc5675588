"""Make a backup while the software runs: the state of the database at one moment, whatever is sent meanwhile."""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from newsletter import __version__
from newsletter.accounts.actor import Role, require_role
from newsletter.backups import postgres_dump, sqlite_snapshot
from newsletter.backups.backup_file import FOLDERS, FORMAT, Manifest, write_archive
from newsletter.backups.left_by_restore import remove_left_by_restore
from newsletter.errors import Invalid, Refused
from newsletter.instance.guard import advance_serial
from newsletter.issues.issue_audit import record
from newsletter.schema_check import why_migrations_differ
from newsletter.tracking import webhook_inbox
from newsletter.tracking.process_events import process_posts


def make_backup(file: Path) -> Manifest:
    """Write everything that an installation consists of into one file.

    Its folder is created. Raises Refused if the file exists or the actor is not an administrator, and Invalid if
    the file cannot be written there or PostgreSQL's programs are missing.
    """
    require_role(Role.ADMINISTRATOR, "Making a backup")
    if file.exists():
        raise Refused(f"{file} already exists. Choose a different name.")
    folder = file.resolve().parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(
            f"We could not create the folder {folder}: {error.strerror}. Choose another folder."
        ) from error
    _process_what_waits()
    # A server that runs for months does not remove it at its next start.
    remove_left_by_restore(settings.NEWSLETTER.home)
    card = _manifest()
    try:
        write_archive(
            file,
            card,
            # Every key: suppressions and links need the older ones, too.
            key="\n".join(map(str, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))),
            folders=[settings.NEWSLETTER.home / name for name in FOLDERS],
            snapshot=sqlite_snapshot.snapshot if card.database == "sqlite" else postgres_dump.dump,
        )
    except OSError as error:
        raise Invalid(
            f"We could not write the backup in {folder}: {error.strerror}. Check that this folder has enough free "
            "space and can be written to, or choose another folder."
        ) from error
    record("backup", f"Made a backup: {file.name}.")
    # From now on, we notice when this older backup has been restored. A database that is not updated yet
    # may lack columns that this needs. The scheduler does the same within a minute of the update.
    if not why_migrations_differ():
        advance_serial()
    return card


def _process_what_waits() -> None:
    """Move reports received so far into the database: on SQLite they wait in a separate file (webhook_inbox.py)."""
    for _ in range(webhook_inbox.count()):
        if not process_posts():
            return


def _manifest() -> Manifest:
    made = MigrationRecorder(connection).applied_migrations()
    return Manifest(
        format=FORMAT,
        made_at=timezone.now(),
        version=__version__,
        database=connection.vendor,
        migrations=sorted(f"{app}.{name}" for app, name in made),
    )
