"""Makes a press from a backup: all of it is made ready aside, and then put in place."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from newsletter.actors import Role, acting, require
from newsletter.backups import postgres, sqlite
from newsletter.backups.archive import DATABASE, FOLDERS, KEY, Card, read_card, room_beside, unpack
from newsletter.errors import Refused
from newsletter.issues.audit import record
from newsletter.scheduling.residence import leave
from newsletter.sending.controls import pause
from newsletter.sending.models import Mailing

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def restore_backup(file: Path, *, replace: bool = False) -> Card:
    """Put a backup in the place of the database, the key and the media of this press, and have it ask before it sends.

    What was being sent is paused: whoever waited may have got it since. Raises Invalid for a damaged file; Refused for
    one that this press cannot use, for a press that holds something unless `replace` is said, or is still running,
    and for whoever is no administrator.
    """
    require(Role.ADMINISTRATOR, "Restoring a backup")
    home = settings.NEWSLETTER.home.resolve()
    card = read_card(file)
    _require_usable(card)
    if not replace:
        _require_empty(home)
    with room_beside(home, "restoring") as room:
        unpack(file, room)
        if card.database == "sqlite":
            sqlite.check(room / DATABASE)
            with sqlite.used_instead(room / DATABASE):
                _make_ready(card)
            sqlite.require_unused()
            _put_files(room, home)
            sqlite.put(room / DATABASE)
        else:
            postgres.require_unused()
            postgres.put(room / DATABASE, room)
            _put_files(room, home)
            _make_ready(card)
    return card


def key_is_another() -> bool:
    """Whether the key in force is not the one in the home folder, because NEWSLETTER_SECRET_KEY says another."""
    given = settings.NEWSLETTER.secret_key.get_secret_value()
    return bool(given) and given != (settings.NEWSLETTER.home / KEY).read_text(encoding="ascii").split()[0]


def _require_usable(card: Card) -> None:
    if card.database != connection.vendor:
        raise Refused(
            f"This backup is one of {NAMES.get(card.database, card.database)}, and this press uses "
            f"{NAMES.get(connection.vendor, connection.vendor)}. Set DATABASE_URL to a database of that kind."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(card.migrations) - known)
    if unknown:
        raise Refused(
            f"This backup was made by version {card.version}, and has changes to its tables that this version does not "
            f"know ({', '.join(unknown[:3])}). Install that version or a later one, then restore."
        )


def _require_empty(home: Path) -> None:
    if connection.vendor == "sqlite" and sqlite.holds_something():
        held = f"There is a database in {connection.settings_dict['NAME']}"
    elif connection.vendor == "postgresql" and postgres.holds_something():
        held = f"The database {connection.settings_dict['NAME']} has tables"
    elif any((home / "media").rglob("*")):
        held = f"There are files in {home / 'media'}"
    else:
        return
    raise Refused(f"{held} already. Say --replace to put the backup in the place of everything there is.")


def _make_ready(card: Card) -> None:
    """Bring the tables to this version, and let nothing go by itself."""
    call_command("migrate", verbosity=0, interactive=False)
    leave()
    made = f"{card.made_at:%-d %B %Y, %H:%M} UTC"
    reason = (
        f"Restored from a backup of {made}: whoever still waits may have got it since. "
        "Resume it only if nobody did, or stop it."
    )
    for mailing in Mailing.objects.filter(state=Mailing.State.SENDING):
        pause(mailing.pk, reason, paused_by=acting().name)
    record("restore", f"Restored a backup of {made}.")


def _put_files(room: Path, home: Path) -> None:
    (room / KEY).replace(home / KEY)
    for name in FOLDERS:
        if (home / name).is_dir():
            (home / name).rename(room / f"old-{name}")
        if (room / name).is_dir():
            (room / name).rename(home / name)
