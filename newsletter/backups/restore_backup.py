"""Restore an installation from a backup: everything is prepared in a separate place, and then moved into place."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.backups import postgres_dump, replaced_refusals, skip_used_row_ids, sqlite_snapshot
from newsletter.backups.backup_file import DATABASE, FOLDERS, KEY, Manifest, opened_backup
from newsletter.backups.replaced_refusals import ReplacedRefusals
from newsletter.backups.temporary_folders import RESTORING, work_folder_beside
from newsletter.durable_files import sync_folder
from newsletter.errors import Refused
from newsletter.instance.guard import require_adoption
from newsletter.issues.issue_audit import record
from newsletter.schema_check import UNFINISHED_RESTORE, why_newer
from newsletter.secret_keys import keep_keys
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Mailing
from subscribers.address_changes import drop_address_changes
from subscribers.database import is_postgres, is_sqlite
from subscribers.phrases import counted, written_moment
from subscribers.repeat_refusals import Repeated, repeat_refusals

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what was repeated in it. `unknown` says which refusals are not known, or is empty."""

    card: Manifest
    repeated: Repeated
    unknown: str


def restore_backup(file: Path, *, replace: bool = False) -> Restored:
    """Replace the database, the key and the media of this installation with a backup, and send nothing until
    allowed.

    People who were erased, unsubscribed or suppressed in the replaced database after the backup was made are erased,
    unsubscribed or suppressed again. Mailings in progress are paused, since their pending recipients may have got the
    email since. Raises Invalid
    if the file is damaged. Raises Refused if this installation cannot use the backup, holds data and `replace` is
    not given, or is still running, or if the actor is not an administrator.
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
            put = _put_sqlite if card.database == "sqlite" else _put_postgresql
            return put(room, home, card)


def _require_usable(card: Manifest) -> None:
    if card.database != connection.vendor:
        raise Refused(
            f"This backup contains a {NAMES.get(card.database, card.database)} database, but this "
            f"installation uses {NAMES.get(connection.vendor, connection.vendor)}. Set DATABASE_URL to "
            f"a {NAMES.get(card.database, card.database)} database."
        )
    newer = why_newer(card.migrations)
    if newer:
        raise Refused(f"This backup was made by version {card.version}. {newer} Then restore the backup.")


def _room_in(home: Path, card: Manifest) -> int:
    """Return the maximum size of a backup for this disk, in bytes. PostgreSQL's dump is written once more, as a
    script.
    """
    there = next(folder for folder in (home, *home.parents) if folder.is_dir())
    return shutil.disk_usage(there).free // (2 if card.database == "postgresql" else 1)


def _require_empty(home: Path) -> None:
    if is_sqlite() and sqlite_snapshot.has_data():
        held = f"This installation already has a database in {connection.settings_dict['NAME']}"
    elif is_postgres() and postgres_dump.has_data():
        held = f"The database {connection.settings_dict['NAME']} already contains tables"
    elif any((home / "media").rglob("*")):
        held = f"The folder {home / 'media'} already contains files"
    else:
        return
    raise Refused(f"{held}. To replace all data in this installation with the backup, use --replace.")


def _put_sqlite(room: Path, home: Path, card: Manifest) -> Restored:
    sqlite_snapshot.check(room / DATABASE)
    sqlite_snapshot.require_unused()
    replaced = replaced_refusals.read_replaced(home, card)
    with sqlite_snapshot.used_instead(room / DATABASE):
        restored = _make_ready(card, replaced)
    sqlite_snapshot.require_unused()
    _keep_keys(room, home)
    marker = _mark_unfinished(home)
    _put_folders(room, home)
    sqlite_snapshot.put_database(room / DATABASE)
    _finish(marker)
    return restored


def _put_postgresql(room: Path, home: Path, card: Manifest) -> Restored:
    postgres_dump.require_unused()
    replaced = replaced_refusals.read_replaced(home, card)
    script = postgres_dump.script_of(room / DATABASE, room)
    was_finished = not (home / UNFINISHED_RESTORE).exists()
    # The restored database takes the place of the other before the refusals can be repeated in it.
    replaced_refusals.keep(replaced, home)
    marker = _mark_unfinished(home)
    try:
        postgres_dump.restore_script(script)
    except Refused:
        # All of this is one transaction, so nothing was changed.
        if was_finished:
            replaced_refusals.forget_kept(home)
            _finish(marker)
        raise
    _keep_keys(room, home)
    _put_folders(room, home)
    restored = _make_ready(card, replaced)
    replaced_refusals.forget_kept(home)
    _finish(marker)
    return restored


def _mark_unfinished(home: Path) -> Path:
    """Mark the restore as unfinished: until `_finish`, every process that checks (schema_check.py) finds an
    interrupted restore.
    """
    marker = home / UNFINISHED_RESTORE
    marker.touch(mode=0o600)
    sync_folder(home)
    return marker


def _finish(marker: Path) -> None:
    # What was moved into place is on the disk before the marker is removed.
    sync_folder(marker.parent)
    marker.unlink()
    sync_folder(marker.parent)


def _make_ready(card: Manifest, replaced: ReplacedRefusals) -> Restored:
    """Migrate the tables to this version, repeat what people refused since, and pause everything that would send."""
    call_command("migrate", verbosity=0, interactive=False)
    require_adoption(replaced.unknown)
    skip_used_row_ids.leave_id_gap()
    made = f"{written_moment(card.made_at)} UTC"
    reason = (
        f"This mailing was restored from a backup (made on {made}), and we may have sent more of its emails "
        "after the backup. Resume the mailing only if no emails were sent after the backup. Otherwise, "
        "stop the mailing."
    )
    for mailing in Mailing.objects.filter(state=Mailing.State.SENDING):
        pause_mailing(mailing.pk, reason, paused_by=current_actor().name)
    drop_address_changes()
    done = repeat_refusals(replaced.found)
    record("restore", f"Restored a backup from {made}. {replaced.unknown or describe_repeated(done)}")
    return Restored(card, done, replaced.unknown)


def describe_repeated(done: Repeated) -> str:
    """Say what the restore repeated from the replaced database."""
    said = (
        f"Based on the replaced database, we erased {counted(done.erased, 'person', 'people')} again, ended "
        f"{counted(done.unsubscribed, 'subscription', 'subscriptions')} again, and suppressed "
        f"{counted(done.suppressed, 'address', 'addresses')} again."
    )
    if done.paused or done.resumed or done.chosen:
        said += (
            f" We also reapplied {counted(done.paused, 'pause', 'pauses')} and "
            f"{counted(done.chosen, 'topic choice', 'topic choices')}, and ended "
            f"{counted(done.resumed, 'pause', 'pauses')} again."
        )
    if not done.moved:
        return said
    return (
        f"{said} {counted(done.moved, 'person', 'people')} changed their address after the backup was made, "
        "and we do not know the new address. They will not get any emails until they sign up again or you add them "
        "with their new address."
    )


def _keep_keys(room: Path, home: Path) -> None:
    # Keep the keys of both: emails sent after the backup was made are signed with the newer key of this home
    # folder.
    keep_keys(home, (room / KEY).read_text(encoding="ascii"))


def _put_folders(room: Path, home: Path) -> None:
    for name in FOLDERS:
        if (home / name).is_dir():
            (home / name).rename(room / f"old-{name}")
        if (room / name).is_dir():
            (room / name).rename(home / name)
