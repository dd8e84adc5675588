"""SQLite backups: a snapshot while others write, and a prepared file that replaces the database."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, OperationalError, connection

from newsletter.errors import Invalid, Refused


def snapshot(target: Path) -> None:
    """Write the state of the database at one moment to a new file, without blocking writers.

    Raises OSError if the disk is full or does not work.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(target)])
    except OperationalError as error:
        # https://www.sqlite.org/rescode.html. The extended codes begin with the name of their code.
        name = getattr(error.__cause__, "sqlite_errorname", "")
        if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
            raise OSError(errno.EIO, str(error)) from error
        raise


def has_data() -> bool:
    """Return whether there is a database already."""
    path = _path()
    return path.is_file() and path.stat().st_size > 0


def check(file: Path) -> None:
    """Raise Invalid for a file that is not a complete database."""
    try:
        with used_instead(file), connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            [said] = cursor.fetchone()
    except DatabaseError as error:
        raise Invalid(
            f"We could not read the database in the backup ({error}). Use another backup."
        ) from error
    if said != "ok":
        raise Invalid(f"The database in the backup is damaged ({said}). Use another backup.")


@contextmanager
def used_instead(file: Path) -> Iterator[None]:
    """While inside, let this process use another file as its database."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        # The last connection to close writes the write-ahead log into the file.
        connection.close()
        connection.settings_dict["NAME"] = usual


def require_unused() -> None:
    """Raise Refused while a process has the database open, since it would continue in the old one."""
    if not has_data():
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except DatabaseError:
        # Any process that could use the database would find it as broken as we do.
        return
    finally:
        connection.close()
    if _log().exists():
        raise Refused(
            f"Another process is using the database {_path()}. Stop all newsletter processes, then "
            "restore the backup."
        )


def put_database(file: Path) -> None:
    """Make a file the database from now on."""
    connection.close()
    # Otherwise, the log of the old database would be taken for changes to the new one.
    for beside in (_log(), _path().with_name(f"{_path().name}-shm")):
        beside.unlink(missing_ok=True)
    file.replace(_path())


def _path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _log() -> Path:
    return _path().with_name(f"{_path().name}-wal")
