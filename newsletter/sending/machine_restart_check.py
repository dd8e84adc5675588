"""Finds out whether the last commits of a dead process are still there: they are, unless the machine went down since.

SQLite may return before the data is on the disk, so a power cut can undo the last commits (durable_commits.py). The
death of a process undoes nothing. PostgreSQL's commits survive both.
"""

from functools import lru_cache
from pathlib import Path

from subscribers.database import is_sqlite

# Linux gives each boot a unique ID: random(4).
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@lru_cache(maxsize=1)
def current_boot_id() -> str:
    """Return the ID of this boot of the machine; empty if the system has none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def commits_survived(boot: str) -> bool:
    """Return whether every commit made during that boot is still in the database."""
    return not is_sqlite() or (bool(boot) and boot == current_boot_id())
