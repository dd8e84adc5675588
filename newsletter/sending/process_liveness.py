"""Whether the process that posts a batch still lives: so a crash is known before a lease ends.

Each process holds a lock on a file of its own under `$NEWSLETTER_HOME/sending`; the system takes the lock away
when the process ends, however it ends. A process on another machine, whose file is not here, is judged by its lease
alone.
"""

import atexit
import fcntl
import os
import secrets
from pathlib import Path
from threading import Lock

from django.conf import settings

# Names by process and folder; the open file behind each stays open, and locked, until the process ends.
_names: dict[tuple[int, Path], str] = {}
_lock = Lock()


def process_name() -> str:
    """The name of this process while it lives."""
    folder = _folder()
    with _lock:
        # A forked child is a process of its own.
        key = (os.getpid(), folder)
        if key not in _names:
            _names[key] = _take(folder)
        return _names[key]


def has_ended(owner: str) -> bool:
    """Whether the process of that name has surely ended. False as well when that cannot be known."""
    return bool(owner) and _is_free(_folder() / owner)


def remove_ended() -> None:
    """Remove what ended processes left behind."""
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
    # Locked before it has its name, so that nobody finds it free in between.
    unfinished = folder / f".{own}"
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    unfinished.rename(folder / own)
    atexit.register((folder / own).unlink, missing_ok=True)
    return own
