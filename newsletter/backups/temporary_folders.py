"""Folders for temporary work. What a killed process left behind is removed by the next one, and at the next
start.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

RESTORING, BACKING_UP = "restoring", "backup"


@contextmanager
def work_folder_beside(place: Path, name: str) -> Iterator[Path]:
    """Create a folder for its owner alone, and remove it at the end. `place` is also removed, if it was created
    for this and is empty.
    """
    is_new = not place.exists()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = place / f".{name}-{secrets.token_hex(4)}"
    try:
        with ExitStack() as in_use:
            with _locked(place):
                _remove_abandoned(place, name)
                folder.mkdir(mode=0o700)
                # The operating system releases this lock when the process ends for any reason.
                in_use.enter_context(_locked(folder))
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if is_new:
            with suppress(OSError):
                place.rmdir()


def remove_abandoned(place: Path, name: str) -> None:
    """Remove the folders with this name whose processes were killed."""
    if place.is_dir():
        with _locked(place):
            _remove_abandoned(place, name)


def _remove_abandoned(place: Path, name: str) -> None:
    """Remove them while `place` is locked, so that no process has just created a folder without locking it yet."""
    for folder in place.glob(f".{name}-*"):
        with suppress(BlockingIOError), _locked(folder, fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, also: int = 0) -> Iterator[None]:
    """While inside, keep other processes out. A lock on the folder itself lasts as long as the folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | also)
        yield
    finally:
        os.close(handle)
