"""Stores waiting posts in a separate SQLite file, `$NEWSLETTER_HOME/reports.sqlite3`, so that writers of the main
database do not lock it. A post is on the disk, with one sync, before `keep` returns.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils import timezone

# AUTOINCREMENT, so that the ID of a deleted post is never used again.
SET_UP = """
    PRAGMA journal_mode = WAL;
    -- Only removing posts makes checkpoints, so that keeping one never waits for a checkpoint.
    PRAGMA wal_autocheckpoint = 0;
    -- Removed rows held addresses.
    PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS post (
        id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, body BLOB NOT NULL
    );
"""
MICROSECONDS = 1_000_000
# New posts reuse the pages of removed ones, so that a rarer checkpoint copies fewer. A post has at most 768 KB, so the
# log grows by 50 MB at most.
POSTS_BEFORE_A_CHECKPOINT = 32

# By process and file: a forked child must not use what its parent opened.
_opened: dict[tuple[int, Path], sqlite3.Connection] = {}
# How many posts were removed since the last checkpoint.
_removed = [0]
# One thread at a time, or SQLite would make threads sleep and try again.
_turn = Lock()


def keep(body: bytes) -> None:
    """Store a post. Once this returns, the post survives a power cut."""
    now = int(timezone.now().timestamp() * MICROSECONDS)
    with _database(synchronous="FULL") as database:
        database.execute("INSERT INTO post (received_at, body) VALUES (?, ?)", (now, body))


def count() -> int:
    """Return how many posts are waiting."""
    if not _file().exists():
        return 0
    with _database() as database:
        return int(database.execute("SELECT count(*) FROM post").fetchone()[0])


def oldest(at_most: int) -> list[tuple[int, int]]:
    """Return the IDs and sizes of the oldest posts."""
    if not _file().exists():
        return []
    with _database() as database:
        return database.execute(
            "SELECT id, length(body) FROM post ORDER BY id LIMIT ?", (at_most,)
        ).fetchall()


def read(numbers: Sequence[int]) -> list[tuple[int, datetime, bytes]]:
    """Return posts by ID: ID, time received and body."""
    with _database() as database:
        rows = database.execute(
            f"SELECT id, received_at, body FROM post WHERE id IN ({_marks(numbers)}) ORDER BY id",  # noqa: S608
            numbers,
        ).fetchall()
    return [(number, datetime.fromtimestamp(at / MICROSECONDS, UTC), body) for number, at, body in rows]


def are_waiting(numbers: Sequence[int]) -> bool:
    """Return whether all of these posts are still waiting."""
    with _database() as database:
        found = database.execute(f"SELECT count(*) FROM post WHERE id IN ({_marks(numbers)})", numbers)  # noqa: S608
        return int(found.fetchone()[0]) == len(numbers)


def remove(numbers: Sequence[int]) -> None:
    """Remove posts. This is not synced: a post that returns after a crash is processed again, without harm."""
    with _database() as database:
        database.execute(f"DELETE FROM post WHERE id IN ({_marks(numbers)})", numbers)  # noqa: S608
        _removed[0] += len(numbers)
        if _removed[0] >= POSTS_BEFORE_A_CHECKPOINT:
            # A passive checkpoint never makes anybody wait.
            database.execute("PRAGMA wal_checkpoint(PASSIVE)")
            _removed[0] = 0


def sweep() -> None:
    """Remove the traces of removed posts from the write-ahead log too."""
    if _file().exists():
        with _database() as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _marks(numbers: Sequence[int]) -> str:
    return ", ".join("?" * len(numbers))


def _file() -> Path:
    file: Path = settings.NEWSLETTER.home / "reports.sqlite3"
    return file


@contextmanager
def _database(synchronous: str = "NORMAL") -> Iterator[sqlite3.Connection]:
    key = (os.getpid(), _file())
    with _turn:
        if key not in _opened:
            _opened[key] = _open(key[1])
        _opened[key].execute(f"PRAGMA synchronous = {synchronous}")
        yield _opened[key]


def _open(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
    database.executescript(SET_UP)
    # The file contains addresses.
    file.chmod(0o600)
    return database
