"""Removes what a killed restore left in the home folder. It contains the whole database and the secret keys."""

from pathlib import Path

from newsletter.backups.temporary_folders import RESTORING, remove_abandoned
from newsletter.schema_check import UNFINISHED_RESTORE
from newsletter.secret_keys import remove_unfinished_keys


def remove_left_by_restore(home: Path) -> None:
    """Remove what killed restores left, unless one has to be repeated, because then it may be needed.

    What a restore that is still running uses stays.
    """
    if (home / UNFINISHED_RESTORE).exists():
        return
    remove_abandoned(home, RESTORING)
    remove_unfinished_keys(home)
