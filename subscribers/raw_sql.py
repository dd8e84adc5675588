"""What the ORM cannot say, on SQLite and on PostgreSQL: INSERT … SELECT, temporary tables, and loading them fast."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from json import dumps, loads
from math import isfinite
from typing import Any

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import NOT_PROVIDED, QuerySet

from subscribers.database import is_postgres
from subscribers.errors import Refused
from subscribers.models import LINK_NONCE_BITS, Subscription, Topic
from subscribers.numbers_as_text import NUMBER, number_as_text

ROWS_AT_ONCE = 1_000
# The states of a subscription as SQL writes them.
ACTIVE, PENDING, UNSUBSCRIBED = (
    f"'{state}'"
    for state in (Subscription.State.ACTIVE, Subscription.State.PENDING, Subscription.State.UNSUBSCRIBED)
)
# Functions that SQLite gets from us.
REPLACED = "subscribers_replaced"


def execute(sql: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Run one statement with parameters named `%(so)s`; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        return int(cursor.rowcount)


def directly(statement: str, parameters: Sequence[Any]) -> Any:
    """Run one statement with parameters `%s` and return the driver's cursor, which has `fetchone` and `rowcount`.

    For the few statements that are run for each email: Django's cursor takes longer for them than the database.
    Parameters are passed as they are (see `moment`). Raises Django's database errors.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if connection.vendor == "sqlite":
            statement = statement.replace("%s", "?")
        return connection.connection.execute(statement, parameters)


def rows(sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows that a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        return list(cursor.fetchall())


def each(sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query that has no parameters, a few at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while found := cursor.fetchmany(ROWS_AT_ONCE):
            yield from found


def table(model: type[models.Model]) -> str:
    """The quoted name of a model's table."""
    return connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's documented way to a table's name


def insert_select(
    model: type[models.Model], values: Mapping[str, str], source: str, parameters: Mapping[str, Any]
) -> int:
    """INSERT INTO the model's table SELECT those expressions, by column, from a source; how many rows.

    Columns that are not named get the default of their field.
    """
    columns, given = dict(values), dict(parameters)
    for field in model._meta.concrete_fields:  # noqa: SLF001 - as above
        if field.column is None or field.column in columns or field.primary_key:
            continue
        columns[field.column] = f"%(default_{field.column})s"
        given[f"default_{field.column}"] = _default(field)
    names = ", ".join(map(connection.ops.quote_name, columns))
    return execute(
        f"INSERT INTO {table(model)} ({names}) SELECT {', '.join(columns.values())} {source}",
        given,
    )


def next_number(model: type[models.Model], existing: str) -> tuple[str, dict[str, Any]]:
    """An expression for the primary key of a row: an existing one, or a new number; and its parameters.

    Only for callers that keep other writers out (see locks.py).
    """
    if is_postgres():
        # The name of the sequence is looked up once: for each row, that takes longer than the next number.
        sequence = "(SELECT pg_get_serial_sequence(%(table)s, 'id'))::regclass"
        return f"coalesce({existing}, nextval({sequence}))", {"table": table(model)}
    found = rows("SELECT seq FROM sqlite_sequence WHERE name = %(name)s", {"name": model._meta.db_table})  # noqa: SLF001
    return f"coalesce({existing}, %(base)s + row_number() OVER ())", {"base": found[0][0] if found else 0}


def random_nonce() -> str:
    """An expression that gives every row a random value of its own, as `models.new_link_nonce` does.

    It need not be secret, since the token around it is signed: both databases seed their generators from the system.
    """
    if is_postgres():
        return f"floor(random() * {2**LINK_NONCE_BITS})::bigint"
    return f"(random() & {2**LINK_NONCE_BITS - 1})"


def join_by_index() -> None:
    """Until this transaction ends, have PostgreSQL join a few rows to large tables row by row.

    It plans by estimates of tables that grow meanwhile, and else reads the whole of them for each piece of an import.
    """
    if is_postgres():
        for setting in ("enable_hashjoin", "enable_mergejoin", "jit"):
            execute(f"SET LOCAL {setting} = off")


def topics_of(subscription: str, *, but: str = "") -> str:
    """An expression for the slugs of the topics that a subscription has, as the text of a JSON array."""
    slugs = f"SELECT t.slug FROM {table(Subscription.topics.through)} h JOIN {table(Topic)} t ON t.id = h.topic_id"
    slugs += f" WHERE h.subscription_id = {subscription}" + (f" AND t.id <> {but}" if but else "")
    slugs += " ORDER BY t.position, t.name"
    if is_postgres():
        return f"coalesce((SELECT json_agg(slug)::text FROM ({slugs}) slugs), '[]')"
    return f"(SELECT json_group_array(slug) FROM ({slugs}))"


def json(text: str) -> str:
    """An expression for the text of a JSON document as the database keeps one."""
    return f"({text})::jsonb" if is_postgres() else text


def json_object(values: Mapping[str, str], *, documents: Container[str] = ()) -> str:
    """An expression for a JSON object of these expressions by name; those named in `documents` are JSON themselves."""
    if is_postgres():
        pairs = (f"'{name}', {value}" for name, value in values.items())
        return f"jsonb_build_object({', '.join(pairs)})"
    parts = (
        f"'{name}', json({value})" if name in documents else f"'{name}', {value}"
        for name, value in values.items()
    )
    return f"json_object({', '.join(parts)})"


def add_functions(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Give SQLite what PostgreSQL has by itself: `||` for objects of JSON, and numbers without an exponent."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(REPLACED, 2, _replaced, deterministic=True)
        connection.connection.create_function(NUMBER, 1, number_as_text, deterministic=True)


def compile_nothing(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Have PostgreSQL run queries without compiling them first.

    It compiles queries that it expects to take long. For a segment with twelve details, this takes three seconds, in
    each of its processes, and saves a tenth of one.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")


def _replaced(old: str | None, new: str | None) -> str | None:
    """Return an object with each value of another one instead of its own, as the database keeps JSON."""
    if old is None or new is None:
        return old
    return dumps(loads(old) | loads(new), separators=(",", ":"))


def number_of(text: str) -> float | None:
    """Return the number that SQLite gives this text for, or None if it gives it for no number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and number_as_text(value) == text else None


def one_of(column: str, parameter: str) -> str:
    """A condition: the column has one of the texts of a parameter, which `array` made."""
    if is_postgres():
        return f"{column} = ANY(%({parameter})s)"
    return f"{column} IN (SELECT value FROM json_each(%({parameter})s))"


def look_up(table_name: str, column: str, condition: str) -> str:
    """A query: which of the texts of a parameter `texts`, which `lines` made, a table has in an indexed column."""
    if is_postgres():
        asked = "string_to_array(%(texts)s, E'\\n')"
        return f"SELECT {column} FROM {table_name} WHERE {condition} AND {column} = ANY({asked})"
    # For each text, a look into the index. SQLite would sort the texts first if they were in a subquery, which takes
    # longer than all the looks.
    return (
        f"SELECT {column} FROM json_each(%(texts)s) AS asked CROSS JOIN {table_name} "
        f"ON {column} = asked.value AND {condition}"
    )


def lines(texts: Iterable[str]) -> str:
    """Many texts without line breaks as one parameter, for `look_up`. Faster than `array` on PostgreSQL."""
    return "\n".join(texts) if is_postgres() else dumps(list(texts))


def array(texts: Iterable[str]) -> Any:
    """Many texts as one parameter, for `one_of`."""
    return list(texts) if is_postgres() else dumps(list(texts))


def array_of_numbers(numbers: Iterable[int]) -> Any:
    """Many numbers as one parameter, for `one_of`."""
    return list(numbers) if is_postgres() else dumps(list(numbers))


def moment(at: datetime) -> Any:
    """A time as the database keeps it."""
    return connection.ops.adapt_datetimefield_value(at)


def load(name: str, columns: Sequence[str], batch: Iterable[Sequence[Any]]) -> None:
    """Append rows to a temporary table, by COPY where there is one."""
    with connection.cursor() as cursor:
        if is_postgres():
            with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(columns))
        with _one_transaction_of_temporary_tables():
            # Django's cursor would translate the marks of every row.
            connection.connection.executemany(
                f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", batch
            )


def _one_transaction_of_temporary_tables() -> AbstractContextManager[Any]:
    """On SQLite a plain BEGIN locks nothing of the database while only temporary tables are written."""
    if connection.in_atomic_block or is_postgres():
        return nullcontext()
    connection.connection.execute("BEGIN DEFERRED")
    return _Committing()


class _Committing(AbstractContextManager[None]):
    def __exit__(self, kind: object, *_details: object) -> None:
        connection.connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _default(field: "models.Field[Any, Any]") -> Any:
    if field.default is NOT_PROVIDED and not field.null and not field.empty_strings_allowed:
        raise Refused(f"{field.name} has no default, so rows cannot be inserted without it.")
    return field.get_db_prep_save(field.get_default(), connection)


def update_many(name: str, column: str, key: str, pairs: Sequence[tuple[Any, Any]]) -> None:
    """Set one column of a temporary table, by pairs of value and key."""
    with _one_transaction_of_temporary_tables(), connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {name} SET {column} = %s WHERE {key} = %s", pairs)


def json_keys(documents: "QuerySet[Any, Any]") -> dict[str, bool]:
    """The keys that the objects of a query's one JSON column have; whether each is always a text that fits into a cell.

    An empty cell says nothing, and lines of a cell that hold an address look like people to an import.
    """
    query, parameters = documents.query.sql_with_params()
    document = connection.ops.quote_name(next(iter(documents.query.values_select)))
    if is_postgres():
        found = f"jsonb_each(d.{document}) AS e"
        other = """jsonb_typeof(e.value) <> 'string' OR e.value = '""'
            OR (strpos(e.value #>> '{}', chr(10)) > 0 AND strpos(e.value #>> '{}', '@') > 0)"""
    else:
        found = f"json_each(d.{document}) AS e"
        other = """e.type <> 'text' OR e.value = '' OR (instr(e.value, char(10)) > 0 AND instr(e.value, '@') > 0)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH documents AS ({query}) SELECT e.key, max(CASE WHEN {other} THEN 1 ELSE 0 END) "
            f"FROM documents d, {found} GROUP BY e.key",
            parameters,
        )
        return {str(key): not is_other for key, is_other in cursor.fetchall()}
