"""The files of jobs: uploads and downloads, each job's in a folder of its own in the home folder, for its owner alone.

They hold addresses, so they are removed soon: `remove_old_folders`.
"""

import re
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

FOLDER = "jobs"
_NAME = re.compile(r"[0-9a-f]{32}")


def new_folder() -> str:
    """Make a folder (0700), and return its name."""
    name = secrets.token_hex(16)
    (_home() / name).mkdir(mode=0o700, parents=True)
    return name


def folder_of(name: str) -> Path:
    """Return the path of a folder. It may have been removed."""
    if not _NAME.fullmatch(name):
        raise ValueError("This is not the name of a job folder.")
    return _home() / name


def exists(name: str) -> bool:
    """Return whether this machine has the folder. A job without one can be done anywhere."""
    return not name or folder_of(name).is_dir()


def remove_folder(name: str) -> None:
    """Remove a folder and everything in it, if it is still there."""
    if name:
        shutil.rmtree(folder_of(name), ignore_errors=True)


def remove_old_folders(kept: Collection[str], before: datetime) -> int:
    """Remove the folders that nothing names any more and that have not changed since a moment. Return how many.

    A process that ended between making a folder and writing the row leaves such a folder.
    """
    removed = 0
    with suppress(FileNotFoundError):
        for path in _home().iterdir():
            if (
                _NAME.fullmatch(path.name)
                and path.name not in kept
                and path.stat().st_mtime < before.timestamp()
            ):
                remove_folder(path.name)
                removed += 1
    return removed


def _home() -> Path:
    home: Path = settings.NEWSLETTER.home
    return home / FOLDER
