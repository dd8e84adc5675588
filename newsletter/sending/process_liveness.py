"""Finds out whether the process that posts a batch is still alive, so that we notice a crash before a lease ends.

Each process locks a file under `$NEWSLETTER_HOME/sending`. The system releases the lock when the process ends, however
it ends. A process on another machine, whose file is not here, is judged by its lease alone.
"""

import atexit
import fcntl
import os
import secrets
from pathlib import Path
from threading import Lock

from django.conf import settings

# Names by process and folder. The file behind each name stays open, and locked, until the process ends.
_names: dict[tuple[int, Path], str] = {}
_lock = Lock()


def process_name() -> str:
    """Return the name of this process, which is the same until it ends."""
    folder = _folder()
    with _lock:
        # A forked child is a separate process.
        key = (os.getpid(), folder)
        if key not in _names:
            _names[key] = _take(folder)
        return _names[key]


def has_ended(owner: str) -> bool:
    """Return whether a process has certainly ended. Also False if we cannot know."""
    return bool(owner) and _is_free(_folder() / owner)


def remove_ended() -> None:
    """Remove the files of ended processes."""
    for path in _folder().glob("[!.]*"):
        if _is_free(path):
            path.unlink(missing_ok=True)


def _folder() -> Path:
    folder: Path = settings.NEWSLETTER.home / "sending"
    return folder


def _is_free(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        return False
    return True


def _take(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    own = secrets.token_hex(16)
    # The file is locked before it has its name, so that no process finds it unlocked.
    unfinished = folder / f".{own}"
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    unfinished.rename(folder / own)
    atexit.register((folder / own).unlink, missing_ok=True)
    return own
