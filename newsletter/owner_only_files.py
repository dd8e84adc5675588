"""Keep what the home folder holds for its owner alone: addresses, keys, emails. Modes 0600 and 0700, whatever the
umask.

No other program serves anything in it: pages and static files are served by this software itself.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from newsletter.errors import Invalid

KEPT = ("secret-key", "instance", "outbox", "outbox-system", "sending", "media", "backups", "jobs")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_to_owner() -> None:
    """Make every file and folder that this process and its children create accessible to its owner alone."""
    os.umask(OTHERS)


def make_home(home: Path) -> None:
    """Create the home folder if it does not exist. Raises Invalid if this fails."""
    try:
        home.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(
            f"We could not create the home folder {home} ({(error.strerror or str(error)).lower()}). "
            "Set NEWSLETTER_HOME to a folder that we can write to."
        ) from error


def close_to_others(home: Path, database: Path | None = None) -> None:
    """Remove other users' permissions that an earlier version, or a person, left. The doctor reports what cannot
    be changed.
    """
    for path in open_to_others(home, database):
        with suppress(OSError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)


def open_to_others(home: Path, database: Path | None = None) -> list[Path]:
    """Return what other users can read: the home folder, what we keep in it, and the files of the database.

    Anything deeper is inside a folder that is checked. Other people's files in the home folder are left alone.
    """
    return [path for path in _looked_at(home, database) if _is_open(path)]


def _looked_at(home: Path, database: Path | None) -> Iterator[Path]:
    yield home
    yield from (home / name for name in KEPT)
    databases = [home / "reports.sqlite3", *([database] if database else [])]
    yield from (each.with_name(each.name + end) for each in databases for end in ("", "-wal", "-shm"))


def _is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISLNK(mode) and bool(mode & OTHERS)
