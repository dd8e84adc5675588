"""What people refused in the database that a restore replaces, to be repeated in the restored one.

It is read before anything is replaced, and kept in a file without addresses until it has been repeated, so that an
interrupted restore does not lose it. See docs/decisions/0077-refusals-after-a-restore.md.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError, connection
from pydantic import TypeAdapter

from newsletter.backups import postgres_dump, sqlite_snapshot
from newsletter.backups.backup_file import Manifest
from newsletter.durable_files import sync_folder
from subscribers.database import is_sqlite
from subscribers.phrases import written_moment
from subscribers.repeat_refusals import Refusals, read_refusals

KEPT = "unfinished-restore-refusals"
NOTHING_REPLACED = "The backup did not replace a database,"
UNREADABLE = "We could not read the database that the backup replaced,"
UNKNOWN = (
    "{why} so we do not know who unsubscribed, complained or was erased after {made} UTC. These people may "
    "be on the lists again. Before you allow sending, unsubscribe or erase any that you know of."
)


@dataclass(frozen=True, slots=True)
class ReplacedRefusals:
    """The refusals after a backup was made. `unknown` says what is not known, or is empty."""

    found: Refusals = field(default_factory=Refusals)
    unknown: str = ""


AS_JSON = TypeAdapter(ReplacedRefusals)


def read_replaced(home: Path, card: Manifest) -> ReplacedRefusals:
    """Read the refusals from the current database, and those that an interrupted restore kept."""
    kept, found = _kept(home), Refusals()
    why = ""
    if not (sqlite_snapshot.has_data() if is_sqlite() else postgres_dump.has_data()):
        why = NOTHING_REPLACED
    else:
        try:
            found = read_refusals(card.made_at)
        except DatabaseError:
            why = UNREADABLE
    connection.close()
    unknown = UNKNOWN.format(why=why, made=written_moment(card.made_at)) if why else ""
    if kept is None:
        return ReplacedRefusals(found, unknown)
    # The interrupted restore has already replaced the database that people used.
    kept.found.add(found)
    return kept


def keep(replaced: ReplacedRefusals, home: Path) -> None:
    """Write the refusals to a file in the home folder, and return once they are on the disk."""
    new = home / f"{KEPT}.new"
    with open(new, "wb", opener=_for_us_alone) as file:
        file.write(AS_JSON.dump_json(replaced))
        file.flush()
        os.fsync(file.fileno())
    new.rename(home / KEPT)
    sync_folder(home)


def forget_kept(home: Path) -> None:
    """Remove the file, since its refusals have been repeated."""
    (home / KEPT).unlink(missing_ok=True)


def _kept(home: Path) -> ReplacedRefusals | None:
    try:
        return AS_JSON.validate_json((home / KEPT).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
