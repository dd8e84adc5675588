"""Makes a press from a backup: all of it is made ready aside, and then put in place."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.backups import id_gaps, postgres_dump, sqlite_snapshot
from newsletter.backups.backup_file import DATABASE, FOLDERS, KEY, Manifest, opened_backup
from newsletter.backups.work_folders import RESTORING, work_folder_beside
from newsletter.durable_commits import sync_folder
from newsletter.errors import Refused
from newsletter.instance.guard import require_adoption
from newsletter.issues.issue_audit import record
from newsletter.schema_check import UNFINISHED_RESTORE, why_newer
from newsletter.secret_keys import keep_keys
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Mailing
from subscribers.database import is_postgres, is_sqlite
from subscribers.text import written_moment

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def restore_backup(file: Path, *, replace: bool = False) -> Manifest:
    """Put a backup in the place of the database, the key and the media of this press, and have it ask before it sends.

    What was being sent is paused: whoever waited may have got it since. Raises Invalid for a damaged file; Refused for
    one that this press cannot use, for a press that holds something unless `replace` is said, or is still running,
    and for whoever is no administrator.
    """
    require_role(Role.ADMINISTRATOR, "Restoring a backup")
    home = settings.NEWSLETTER.home.resolve()
    with opened_backup(file, room_for=lambda card: _room_in(home, card)) as backup:
        card = backup.card
        _require_usable(card)
        if not replace:
            _require_empty(home)
        with work_folder_beside(home, RESTORING) as room:
            backup.unpack(room)
            if card.database == "sqlite":
                _put_sqlite(room, home, card)
            else:
                _put_postgresql(room, home, card)
    return card


def _require_usable(card: Manifest) -> None:
    if card.database != connection.vendor:
        raise Refused(
            f"This backup is one of {NAMES.get(card.database, card.database)}, and this press uses "
            f"{NAMES.get(connection.vendor, connection.vendor)}. Set DATABASE_URL to a database of that kind."
        )
    newer = why_newer(card.migrations)
    if newer:
        raise Refused(f"This backup was made by version {card.version}. {newer} Then restore.")


def _room_in(home: Path, card: Manifest) -> int:
    """How many bytes a backup may come to on this disk. PostgreSQL's dump is written out a second time, as a script."""
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    return shutil.disk_usage(there).free // (2 if card.database == "postgresql" else 1)


def _require_empty(home: Path) -> None:
    if is_sqlite() and sqlite_snapshot.has_data():
        held = f"There is a database in {connection.settings_dict['NAME']}"
    elif is_postgres() and postgres_dump.has_data():
        held = f"The database {connection.settings_dict['NAME']} has tables"
    elif any((home / "media").rglob("*")):
        held = f"There are files in {home / 'media'}"
    else:
        return
    raise Refused(f"{held} already. Say --replace to put the backup in the place of everything there is.")


def _put_sqlite(room: Path, home: Path, card: Manifest) -> None:
    sqlite_snapshot.check(room / DATABASE)
    with sqlite_snapshot.used_instead(room / DATABASE):
        _make_ready(card)
    sqlite_snapshot.require_unused()
    _keep_keys(room, home)
    marker = _mark_unfinished(home)
    _put_folders(room, home)
    sqlite_snapshot.put_database(room / DATABASE)
    _finish(marker)


def _put_postgresql(room: Path, home: Path, card: Manifest) -> None:
    postgres_dump.require_unused()
    script = postgres_dump.script_of(room / DATABASE, room)
    was_finished = not (home / UNFINISHED_RESTORE).exists()
    marker = _mark_unfinished(home)
    try:
        postgres_dump.restore_script(script)
    except Refused:
        # All of it is one transaction, so nothing was changed.
        if was_finished:
            _finish(marker)
        raise
    _keep_keys(room, home)
    _put_folders(room, home)
    _make_ready(card)
    _finish(marker)


def _mark_unfinished(home: Path) -> Path:
    """From here on until `_finish`, every process that looks (schema.py) finds that a restore was broken off."""
    marker = home / UNFINISHED_RESTORE
    marker.touch(mode=0o600)
    sync_folder(home)
    return marker


def _finish(marker: Path) -> None:
    # What was put in place is on the disk before the marker is gone from it.
    sync_folder(marker.parent)
    marker.unlink()
    sync_folder(marker.parent)


def _make_ready(card: Manifest) -> None:
    """Bring the tables to this version, and let nothing go by itself."""
    call_command("migrate", verbosity=0, interactive=False)
    require_adoption()
    id_gaps.leave_id_gap()
    made = f"{written_moment(card.made_at)} UTC"
    reason = (
        f"Restored from a backup of {made}: whoever still waits may have got it since. "
        "Resume it only if nobody did, or stop it."
    )
    for mailing in Mailing.objects.filter(state=Mailing.State.SENDING):
        pause_mailing(mailing.pk, reason, paused_by=current_actor().name)
    record("restore", f"Restored a backup of {made}.")


def _keep_keys(room: Path, home: Path) -> None:
    # The keys of both: letters that went out since the backup was made are signed by the newer one of this home.
    keep_keys(home, (room / KEY).read_text(encoding="ascii"))


def _put_folders(room: Path, home: Path) -> None:
    for name in FOLDERS:
        if (home / name).is_dir():
            (home / name).rename(room / f"old-{name}")
        if (room / name).is_dir():
            (room / name).rename(home / name)
