"""Fills and empties the tables of tests that commit, faster than by the way everything else is made and emptied.

Django empties each table, full or not, and then makes all content types and permissions again. Here only the tables
that have rows are emptied, and content types and permissions stay unless the test changed them. What many tests begin
with is made once in a process, by the functions of the product, and is afterwards put back as it was then.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

# What Django makes after the migrations.
LASTING = ("django_content_type", "auth_permission")
PATIENCE = 40


class KeptTables:
    """The tables of this process's database."""

    def __init__(self) -> None:
        self.names = [
            name
            for name in connection.introspection.django_table_names(only_existing=True, include_views=False)
            if name not in LASTING
        ]
        self.lasting = self._lasting_rows()
        self.kept: dict[str, Copy] = {}

    def install(self, patch) -> None:
        """Empty the tables after each test that commits, until `patch` (a pytest.MonkeyPatch) is undone."""
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: self.empty())

    def empty(self) -> None:
        """Leave each table as the migrations made it, without rows."""
        if self._lasting_rows() == self.lasting:
            with _without_foreign_keys() as cursor:
                for name in self.filled():
                    cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
        else:
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            self.lasting = self._lasting_rows()
            self.kept.clear()

    def fill(self, name: str, make: Callable[[], object]) -> None:
        """Call `make`, or put back what it made the last time it was called by this name with empty tables."""
        if self.filled():
            make()
        elif name in self.kept:
            self.kept[name].put_back()
        else:
            make()
            kind = CopyOfSqlite if connection.vendor == "sqlite" else CopyOfPostgresql
            self.kept[name] = kind(self.filled())

    def filled(self) -> list[str]:
        """The tables that have rows."""
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {quote(name)})" for name in self.names)
            )
            return [name for name, has_rows in zip(self.names, cursor.fetchone(), strict=True) if has_rows]

    def _lasting_rows(self) -> list[list[tuple]]:
        with connection.cursor() as cursor:
            return [cursor.execute(f"SELECT * FROM {name} ORDER BY id").fetchall() for name in LASTING]


class CopyOfSqlite:
    """The whole database."""

    def __init__(self, _names: list[str]) -> None:
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(self.database)

    def __del__(self) -> None:
        self.database.close()

    def put_back(self) -> None:
        connection.ensure_connection()
        tries = iter(range(PATIENCE))

        def bounded(*_progress: int) -> None:
            assert next(tries, None) is not None, "Something of the last test still uses the database."

        self.database.backup(connection.connection, progress=bounded)


class CopyOfPostgresql:
    """The rows of some tables."""

    def __init__(self, names: list[str]) -> None:
        self.rows: dict[str, bytes] = {}
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(
                    "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
                    " FROM information_schema.columns"
                    " WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'",
                    [name],
                )
                columns = f"{connection.ops.quote_name(name)} ({cursor.fetchone()[0]})"
                with cursor.copy(f"COPY {columns} TO STDOUT") as copying:
                    self.rows[columns] = b"".join(bytes(piece) for piece in copying)

    def put_back(self) -> None:
        with _without_foreign_keys() as cursor:
            for columns, rows in self.rows.items():
                with cursor.copy(f"COPY {columns} FROM STDIN") as copying:
                    copying.write(rows)


Copy = CopyOfSqlite | CopyOfPostgresql


@contextmanager
def _without_foreign_keys() -> Iterator:
    """A transaction in which PostgreSQL looks at no foreign key; SQLite looks at them at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
