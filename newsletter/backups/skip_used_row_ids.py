"""Numbers of rows that were assigned between a backup and its restore are not assigned again.

They appear in links, headers, custom arguments at SendGrid and logs. Otherwise what was reported about the former
subscriber 10 would be applied to the present one.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import BigAutoField

from subscribers.database import is_sqlite

# More than any installation assigns between two backups. A 64-bit number has room for nine thousand million such
# gaps.
GAP = 1_000_000_000
# People type these numbers, and there are never many.
SHORT_GAP = 1_000_000
TYPED = {"article", "webhook", "issue", "list", "mailing", "publication", "series", "source"}


def leave_id_gap() -> None:
    """Make each of our tables assign its next number far above every number that it assigned before."""
    for name, table, column in _numbered():
        gap = SHORT_GAP if name in TYPED else GAP
        if is_sqlite():
            _in_sqlite(table, column, gap)
        else:
            _in_postgresql(table, column, gap)


def _numbered() -> Iterator[tuple[str, str, str]]:
    """Yield the name of each model, its table and its number column.

    Django's own tables are left alone: their numbers are short and do not appear in our links.
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
    """See https://www.sqlite.org/autoinc.html: the first insert creates the table's row."""
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
