"""The database in use: which kind it is, how many values one statement takes, and how to lock a row."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

T = TypeVar("T")
Row = TypeVar("Row", bound=Model)
# SQLite takes some thousand parameters in one statement.
VALUES_A_STATEMENT = 1_000


def is_postgres() -> bool:
    """Return whether the database is PostgreSQL. Otherwise, it is SQLite."""
    return connection.vendor == "postgresql"


def is_sqlite() -> bool:
    """Return whether the database is SQLite, which has one writer at a time. Otherwise, it is PostgreSQL."""
    return connection.vendor == "sqlite"


def commit_mark() -> str:
    """Return a text that another connection's commit changes. If it is the same as before, nothing was committed since.

    It costs less than any query of tables. On PostgreSQL, commits in other databases of the server change it too.
    """
    ask = "PRAGMA data_version" if is_sqlite() else "SELECT pg_current_snapshot()"
    with connection.cursor() as cursor:
        cursor.execute(ask)
        [mark] = cursor.fetchone()
    return str(mark)


def portions(values: Iterable[T], size: int = VALUES_A_STATEMENT) -> Iterator[list[T]]:
    """Yield the values in order, as many at a time as one statement takes."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def locked(rows: QuerySet[Row], pk: Any) -> Row:
    """Return the current row, locked until the transaction ends. Rows joined to it are not locked.

    PostgreSQL locks the row. SQLite locked the whole database when the transaction began (settings.py). Raises
    the model's DoesNotExist.
    """
    return rows.select_for_update(of=("self",)).get(pk=pk)
