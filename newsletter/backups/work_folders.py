"""Folders for work in hand. What a killed process left of one is removed by the next, and by the next start."""

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
    """A folder for its owner alone, removed at the end; so is `place`, if it was made for this and stayed empty."""
    is_new = not place.exists()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = place / f".{name}-{secrets.token_hex(4)}"
    try:
        with ExitStack() as in_use:
            with _locked(place):
                _remove_abandoned(place, name)
                folder.mkdir(mode=0o700)
                # The system takes this lock away when the process ends, however it ends.
                in_use.enter_context(_locked(folder))
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if is_new:
            with suppress(OSError):
                place.rmdir()


def remove_abandoned(place: Path, name: str) -> None:
    """Remove the folders of that name whose process was killed."""
    if place.is_dir():
        with _locked(place):
            _remove_abandoned(place, name)


def _remove_abandoned(place: Path, name: str) -> None:
    """While `place` is locked: nobody has just made one, and not locked it yet."""
    for folder in place.glob(f".{name}-*"):
        with suppress(BlockingIOError), _locked(folder, fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, also: int = 0) -> Iterator[None]:
    """While inside, nobody else is inside. A lock on the folder itself is there as long as anything in it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | also)
        yield
    finally:
        os.close(handle)
