"""The database: it is there, has every table, takes writes, and lets several processes at it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from newsletter.sending.doctor.line import Line, ok, warning, wrong

CHECK = "database"


def check() -> Iterator[Line]:
    """Whether the ledger can be kept. It is looked at before everything else that is kept in it."""
    if connection.vendor == "sqlite" and not _is_there():
        yield wrong(CHECK, "There is no database yet.", "Run `newsletter init`.")
        return
    try:
        pending = _pending_migrations()
        if pending:
            yield wrong(CHECK, f"{pending} changes to its tables are not made yet.", "Run `newsletter init`.")
            return
        _write_nothing()
        yield from _journal()
    except DatabaseError as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        yield wrong(CHECK, f"It cannot be used: {first}.", "Check DATABASE_URL, and who may write its files.")


def why_not_ready() -> str:
    """Why the press cannot work on its database yet, in a sentence for anybody; empty: it can. Nothing is written."""
    try:
        if connection.vendor == "sqlite" and not _is_there():
            return "There is no database yet: run `newsletter init`."
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        # Its own words may name hosts and users.
        return "The database does not answer."
    return (
        ""
        if _newest_migrations() <= applied.keys()
        else "The database has to be brought up to date: run `newsletter init`."
    )


@cache
def _newest_migrations() -> frozenset[tuple[str, str]]:
    """The last change of each app, as the files of this version say: they stay while it runs."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _is_there() -> bool:
    name = str(connection.settings_dict["NAME"])
    return "memory" in name or Path(name).is_file()


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _write_nothing() -> None:
    """Take the lock of a writer, and change no row."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = name WHERE id < 0")


def _journal() -> Iterator[Line]:
    if connection.vendor != "sqlite":
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
