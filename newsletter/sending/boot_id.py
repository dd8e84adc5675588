"""Whether what a dead process wrote down last is still there: it is, unless the machine itself went down since.

SQLite may return before the disk has the data, so that a power cut takes the last commits back (see durability.py);
the death of a process takes nothing back. PostgreSQL's commits survive both.
"""

from functools import lru_cache
from pathlib import Path

from subscribers.database import is_sqlite

# Linux gives each start of the machine a name of its own: random(4).
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@lru_cache(maxsize=1)
def current_boot_id() -> str:
    """The name of this start of the machine; empty where the system has none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def commits_survived(boot: str) -> bool:
    """Whether every commit that was made during that start of the machine is still in the database."""
    return not is_sqlite() or (bool(boot) and boot == current_boot_id())
