"""What the home folder holds is for its owner alone: addresses, keys, letters. 0600 in 0700, whatever the umask was.

Nothing in it is served by another program: pages and static files come from the press itself.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from newsletter.errors import Invalid

KEPT = ("secret-key", "instance", "outbox", "outbox-system", "sending", "media", "backups")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_to_owner() -> None:
    """Make every file and folder of this process, and of those that it starts, for its owner alone."""
    os.umask(OTHERS)


def make_home(home: Path) -> None:
    """Make the home folder, if it is not there. Raises Invalid where that cannot be."""
    try:
        home.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(
            f"The home folder {home} cannot be made: {(error.strerror or str(error)).lower()}. Set NEWSLETTER_HOME."
        ) from error


def close_to_others(home: Path, database: Path | None = None) -> None:
    """Take from others what an earlier version, or a hand, left open. What cannot be changed here, the doctor says."""
    for path in open_to_others(home, database):
        with suppress(OSError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)


def open_to_others(home: Path, database: Path | None = None) -> list[Path]:
    """Return what others may read: the home folder, what the press keeps in it, and the files of the database.

    What is deeper is behind a folder that is looked at. Files of somebody else's in the home folder are left alone.
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
