"""Restores a backup for a trial, in a process, a folder and a database of its own, and removes everything afterwards.

It runs the same command that a person would, so that a backup which passes can be restored.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import ProgrammingError, connection

from newsletter.backups import postgres_dump
from newsletter.backups.backup_file import DATABASE, opened_backup
from newsletter.backups.temporary_folders import work_folder_beside
from newsletter.backups.wait_for_process import wait_for_process
from newsletter.errors import Refused
from subscribers.database import is_sqlite

TRYING = "trial"
MAX_SECONDS = 2 * 3_600.0
LONGEST_SAID = 500


@dataclass(frozen=True, slots=True)
class Trial:
    """What was restored. `is_only_read` means that every byte was read, but PostgreSQL let us make no database."""

    subscribers: int = 0
    issues: int = 0
    is_only_read: bool = False


def try_restoring(file: Path, look: Callable[[], None] = lambda: None) -> Trial:
    """Restore a backup for a trial. `look` is called again and again, and may raise an error to end the trial.

    Raises Refused or Invalid, with the reason, if the backup cannot be restored.
    """
    # The other process runs in a folder of its own, where a relative path would lead elsewhere.
    file = file.resolve()
    with work_folder_beside(file.parent, TRYING) as room:
        if is_sqlite():
            place = room / "newsletter.sqlite3"
            _restore(file, room, f"sqlite:///{quote(str(place))}", look)
            return _look_into(str(place))
        with _scratch_database() as name:
            if not name:
                return _only_read(file, room)
            url = urlsplit(settings.NEWSLETTER.database_url)._replace(path=f"/{name}").geturl()
            _restore(file, room, url, look)
            return _look_into(name)


def _restore(file: Path, room: Path, database_url: str, look: Callable[[], None]) -> None:
    """Run `newsletter restore` with a home folder and a database of its own."""
    home = {"NEWSLETTER_HOME": str(room / "home"), "DATABASE_URL": database_url}
    # The default engine, which every database can use.
    environment = {**os.environ, **home, "NEWSLETTER_ENGINE": "local"}
    command = [sys.executable, "-m", "newsletter", "restore", str(file)]
    with (room / "said").open("w+b") as said:
        # Not in the folder of this process, whose file `.env` would count.
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, env=environment, cwd=room, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        too_long = Refused("Testing the backup took longer than two hours, so we stopped it.")
        wait_for_process(process, look, at_most_seconds=MAX_SECONDS, too_long=too_long)
        if process.returncode:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            sentence = (lines[-1] if lines else "no reason")[:LONGEST_SAID]
            raise Refused(f"The test could not restore this backup. It ended with this message: {sentence}")


def _look_into(name: str) -> Trial:
    """Return what a restored database contains, after checking it."""
    # A connection of its own: that of this thread, and its settings, belong to everybody.
    restored = connection.copy()
    restored.settings_dict["NAME"] = name
    with closing(restored), restored.cursor() as cursor:
        if is_sqlite():
            cursor.execute("PRAGMA integrity_check(1)")
            [said] = cursor.fetchone()
            if said != "ok":
                raise Refused(f"The restored database is damaged: {said}.")
        return Trial(
            subscribers=_count(cursor, "subscribers_subscriber"), issues=_count(cursor, "newsletter_issue")
        )


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own name
    return int(cursor.fetchone()[0])


@contextmanager
def _scratch_database() -> Iterator[str]:
    """Make a database beside ours, and drop it afterwards. Its name is empty if we may not make one."""
    name = f"{connection.settings_dict['NAME']}_trial_{token_hex(4)}"
    quoted = connection.ops.quote_name(name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {quoted}")
    except ProgrammingError:  # permission denied
        yield ""
        return
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def _only_read(file: Path, room: Path) -> Trial:
    """Read every byte of a backup, and let PostgreSQL's own program read its dump."""
    with opened_backup(file) as backup:
        backup.unpack(room / "unpacked")
    postgres_dump.script_of(room / "unpacked" / DATABASE, room)
    return Trial(is_only_read=True)
