"""SQLite: a snapshot while others write, and a file put in the place of the database once it is ready."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection

from newsletter.errors import Invalid, Refused


def snapshot(target: Path) -> None:
    """Write one moment of the database to a new file. Nobody who writes has to wait."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(target)])


def has_data() -> bool:
    """Whether there is a database already."""
    path = _path()
    return path.is_file() and path.stat().st_size > 0


def check(file: Path) -> None:
    """Raises Invalid for a file that is no whole database."""
    try:
        with used_instead(file), connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            [said] = cursor.fetchone()
    except DatabaseError as error:
        raise Invalid(f"The database in the backup cannot be read: {error}") from error
    if said != "ok":
        raise Invalid(f"The database in the backup is damaged: {said}")


@contextmanager
def used_instead(file: Path) -> Iterator[None]:
    """While inside, this process uses another file as its database."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(file)
    try:
        yield
    finally:
        # The last to close folds the write-ahead log into the file.
        connection.close()
        connection.settings_dict["NAME"] = usual


def require_unused() -> None:
    """Raises Refused while a process has the database open: it would go on in the old one."""
    if not has_data():
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except DatabaseError:
        # Whoever could use it would find it as broken as we do.
        return
    finally:
        connection.close()
    if _log().exists():
        raise Refused(f"Something still uses {_path()}. Stop the press, then restore.")


def put_database(file: Path) -> None:
    """Have a file be the database from now on."""
    connection.close()
    # What stands in the log of the old database would be taken for changes of the new one.
    for beside in (_log(), _path().with_name(f"{_path().name}-shm")):
        beside.unlink(missing_ok=True)
    file.replace(_path())


def _path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _log() -> Path:
    return _path().with_name(f"{_path().name}-wal")
