"""Check the database: it exists, has the tables of this version, and accepts writes from several processes."""

from collections.abc import Iterator

from django.db import DatabaseError, connection, transaction

from newsletter.doctor.doctor_finding import Finding, ok, warning, wrong
from newsletter.schema_check import why_not_usable
from subscribers.database import is_sqlite

CHECK = "database"


def check() -> Iterator[Finding]:
    """Check whether the database can be used. This comes before every check that reads it."""
    problem = why_not_usable()
    if problem:
        yield wrong(
            CHECK,
            problem,
            "Follow the instructions in the message. For more information, see docs/operations/upgrading.md.",
        )
        return
    try:
        _write_nothing()
        yield from _journal()
    except DatabaseError as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        yield wrong(
            CHECK,
            f"We could not use the database: {first}.",
            "Check DATABASE_URL, and the permissions of the database's files.",
        )


def _write_nothing() -> None:
    """Take the write lock without changing any row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = name WHERE id < 0")


def _journal() -> Iterator[Finding]:
    if not is_sqlite():
        yield ok(CHECK, f"The {connection.display_name} database has all its tables, and we can write to it.")
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        [mode] = cursor.fetchone()
    if mode in {"wal", "memory"}:
        yield ok(
            CHECK,
            ("The SQLite database has all its tables, we can write to it, and it uses write-ahead logging."),
        )
    else:
        yield warning(
            CHECK,
            (f"The journal mode of the SQLite database is “{mode}”, so reads and writes block each other."),
            "Move the home folder to a local disk. Write-ahead logging does not work on network file "
            "systems.",
        )
