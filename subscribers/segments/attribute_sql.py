"""A custom attribute as text, in a query on SQLite and PostgreSQL."""

from typing import Any

from django.db.models import F, Func, TextField, Value

from subscribers import sql


class AttributeText(Func):
    """The attribute of that name (capitals, spaces and underlines do not matter) as text, or an empty text."""

    output_field = TextField()

    def __init__(self, path: str, name: str) -> None:
        super().__init__(F(path), Value(folded_name(name)))

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> Any:
        """By json_each, so that no name needs quoting in a path."""
        value = f"CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'real' THEN {sql.NUMBER}(value) "
        value += "ELSE CAST(value AS text) END"
        return self.as_sql(
            compiler,
            connection,
            template=_query(value, "json_each"),
            arg_joiner=") WHERE lower(replace(key, '_', ' ')) = ",
            **options,
        )

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> Any:
        """By jsonb_each. Its lower() would fold letters beyond ASCII too, which SQLite does not."""
        text = "value #>> '{}'"
        value = (
            f"CASE jsonb_typeof(value) WHEN 'number' THEN trim_scale(({text})::numeric)::text ELSE {text} END"
        )
        return self.as_sql(
            compiler,
            connection,
            template=_query(value, "jsonb_each"),
            arg_joiner=f") WHERE translate(key, '{CAPITALS}_', '{CAPITALS.lower()} ') = ",
            **options,
        )


def folded_name(name: str) -> str:
    """The name of an attribute as it is compared."""
    return name.replace("_", " ").translate(LOWER)


# Both databases lower at least ASCII; only ASCII is promised.
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = {ord(sign): sign.lower() for sign in CAPITALS}


def _query(value: str, each: str) -> str:
    return f"coalesce((SELECT {value} FROM {each}(%(expressions)s ORDER BY key LIMIT 1), '')"  # noqa: S608 - no input
