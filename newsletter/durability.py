"""Commits that a power cut does not take back, for the few things that must not be done twice."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def durable_commits() -> Iterator[None]:
    """While inside, a commit on this connection survives a power cut, as PostgreSQL's do.

    The press lets SQLite return before the disk has the data, which only a power cut can punish: a lost
    `posting` would then be a second mail, a lost answer only a batch that is unknown.
    See https://www.sqlite.org/pragma.html#pragma_synchronous.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    _synchronous("FULL")
    try:
        yield
    finally:
        _synchronous("NORMAL")


def _synchronous(mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous = {mode}")


def sync_folder(folder: Path) -> None:
    """Have a power cut not take back what was made, renamed or removed in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
