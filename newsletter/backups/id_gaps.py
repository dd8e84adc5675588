"""Numbers of rows that were given between a backup and its restore are not given a second time.

They stand in links, in headers, in custom arguments at SendGrid and in logs: what was said of subscriber 10 then would
otherwise be taken for subscriber 10 of today.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import BigAutoField

from subscribers.database import is_sqlite

# More than any installation ever gives between two backups; a 64-bit number has room for nine thousand million of them.
GAP = 1_000_000_000
# People type these, and there are never many.
SHORT_GAP = 1_000_000
TYPED = {"article", "webhook", "issue", "list", "mailing", "publication", "series", "source"}


def leave_id_gap() -> None:
    """Have each table of ours give its next number far above every number that it gave before."""
    for name, table, column in _numbered():
        gap = SHORT_GAP if name in TYPED else GAP
        if is_sqlite():
            _in_sqlite(table, column, gap)
        else:
            _in_postgresql(table, column, gap)


def _numbered() -> Iterator[tuple[str, str, str]]:
    """The name of each model, its table and the column of its number.

    Django's own tables are left as they are: theirs are short numbers, which stand in no link of ours.
    """
    for label in ("subscribers", "newsletter"):
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            options = model._meta  # noqa: SLF001 - Django documents it
            if isinstance(options.pk, BigAutoField):
                yield str(options.model_name), options.db_table, str(options.pk.column)


def _highest(table: str, column: str) -> int:
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name
        cursor.execute(f"SELECT coalesce(max({quoted(column)}), 0) FROM {quoted(table)}")  # noqa: S608
        return int(cursor.fetchone()[0])


def _in_sqlite(table: str, column: str, gap: int) -> None:
    """See https://www.sqlite.org/autoinc.html: the table's row is made by its first insert."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = %s", [table])
        highest = max(cursor.fetchone()[0] or 0, _highest(table, column))
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, highest + gap])


def _in_postgresql(table: str, column: str, gap: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(s.name, greatest(nextval(s.name), %s) + %s)"
            " FROM (SELECT pg_get_serial_sequence(%s, %s)) s(name)",
            [_highest(table, column), gap, connection.ops.quote_name(table), column],
        )
