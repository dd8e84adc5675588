"""The database: it is there, has the tables of this version, takes writes, and lets several processes at it."""

from collections.abc import Iterator

from django.db import DatabaseError, connection, transaction

from newsletter.doctor.finding import Finding, ok, warning, wrong
from newsletter.schema_check import why_not_usable
from subscribers.database import is_sqlite

CHECK = "database"


def check() -> Iterator[Finding]:
    """Whether the ledger can be kept. It is looked at before everything else that is kept in it."""
    problem = why_not_usable()
    if problem:
        yield wrong(CHECK, problem, "Follow that advice; docs/operations/upgrading.md says more.")
        return
    try:
        _write_nothing()
        yield from _journal()
    except DatabaseError as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        yield wrong(CHECK, f"It cannot be used: {first}.", "Check DATABASE_URL, and who may write its files.")


def _write_nothing() -> None:
    """Take the lock of a writer, and change no row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = name WHERE id < 0")


def _journal() -> Iterator[Finding]:
    if not is_sqlite():
        yield ok(CHECK, f"{connection.display_name}, with every table, takes writes.")
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        [mode] = cursor.fetchone()
    if mode in {"wal", "memory"}:
        yield ok(CHECK, "SQLite, with every table, takes writes; its journal is a write-ahead log.")
    else:
        yield warning(
            CHECK,
            f"SQLite's journal is “{mode}”: readers and writers wait for each other.",
            "Keep the home folder on a local disk: network file systems have no write-ahead log.",
        )
