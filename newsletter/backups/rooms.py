"""Folders for work in hand. What a killed process left of one is removed by the next, and by the next start."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".in-use"
RESTORING, BACKING_UP = "restoring", "backup"


@contextmanager
def room_beside(place: Path, name: str) -> Iterator[Path]:
    """A folder for its owner alone, removed at the end; so is `place`, if it was made for this and stayed empty."""
    is_new = not place.exists()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_abandoned(place, name)
    folder = place / f".{name}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            # The system takes the lock away when this process ends, however it ends.
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(handle)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if is_new:
            with suppress(OSError):
                place.rmdir()


def remove_abandoned(place: Path, name: str) -> None:
    """Remove the folders of that name whose process was killed."""
    for folder in place.glob(f".{name}-*"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        handle = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        # Just made, and not locked yet; or nothing of ours.
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
