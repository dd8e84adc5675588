"""Copies one row of a table many times by SQL, with values that differ."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model


def ago(amount: str, unit: str) -> str:
    """Return SQL for a time before now, such as that of `n % 700` days."""
    from subscribers.database import is_postgres

    if is_postgres():
        return f"now() - ({amount}) * interval '1 {unit}'"
    return f"datetime('now', '-' || ({amount}) || ' {unit}s')"


def bytes_of(text: str) -> str:
    """Return SQL for the bytes of a text."""
    from subscribers.database import is_postgres

    return f"convert_to({text}, 'UTF8')" if is_postgres() else f"CAST({text} AS BLOB)"


def copy_rows(template: "Model", count: int, **columns: str) -> None:
    """Insert this many copies of a row. `columns` gives SQL for those that differ, in which `n` counts from 1."""
    from django.db import connection

    table = template._meta.db_table  # noqa: SLF001 - the public way to a model's table
    names = [
        field.column
        for field in template._meta.concrete_fields  # noqa: SLF001
        if not field.primary_key and field.column is not None
    ]
    values = ", ".join(columns.get(name, f"t.{name}") for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} "
            f"FROM numbers, {table} t WHERE t.id = {template.pk}"
        )
