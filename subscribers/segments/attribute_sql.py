"""A custom attribute as text, in a query on SQLite and PostgreSQL.

Names are compared without regard to capitals, spaces and underlines, so a name has many spellings, of which nearly all
people have the same. Reading one key of a document takes a quarter of the time of looking at all keys
(attribute_names.py finds the usual spelling). All keys are looked at only where the name is written otherwise or more
than once, which a search in the text of the document tells. On PostgreSQL, this search takes longer than reading
several keys, so a segment first asks, once for each document, whether it has any keys but the usual ones (HasOnlyKeys).
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, JSONField, TextField, Value

from subscribers import raw_sql
from subscribers.database import is_sqlite
from subscribers.segments.attribute_names import (
    FOLDED_KEY_OF_POSTGRESQL,
    FOLDED_KEY_OF_SQLITE,
    folded_name,
    is_plain,
    spelling_of,
)

_NUMBER = "trim_scale(({})::numeric)::text"
_AS_IT_IS = re.compile(r"[A-Za-z0-9 '-]+")


class AttributeText(Func):
    """The attribute of that name (capitals, spaces and underlines do not matter) as text, or an empty text.

    `usual` are the `usual_spellings`. With `by_key`, for PostgreSQL alone, documents in which the name is spelt
    otherwise count as documents without it.
    """

    output_field = TextField()

    def __init__(self, path: str, name: str, usual: Sequence[str], *, by_key: bool = False) -> None:
        folded = folded_name(name)
        self.by_key = by_key
        spelling = spelling_of(folded, usual) if by_key or is_plain(folded) else ""
        super().__init__(F(path), Value(folded), Value(spelling))

    def as_sqlite(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By json_each, so that no name needs quoting in a path, or by a path if the name is plain."""
        value = f"CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'real' THEN {raw_sql.NUMBER}(value) "
        value += "ELSE CAST(value AS text) END"
        document, name, spelling = self._parts(compiler)
        among_all = _among_all(value, f"json_each({document})", FOLDED_KEY_OF_SQLITE)
        if not spelling:
            return f"coalesce({among_all}, '')", [name]
        path = f'$."{spelling}"'
        query = (
            f"CASE WHEN json_type({document}, %s) IN ('text', 'integer') AND {document} NOT LIKE %s "
            f"THEN CAST(json_extract({document}, %s) AS text) "
            f"WHEN {document} NOT LIKE %s THEN '' ELSE coalesce({among_all}, '') END"
        )
        return query, [path, _twice(name), path, _once(name), name]

    def as_postgresql(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By jsonb_each, or by the key if the name is plain."""
        document, name, spelling = self._parts(compiler)
        if self.by_key:
            key = f"{document} ->> %s"
            text = (
                f"CASE jsonb_typeof({document} -> %s) WHEN 'number' THEN {_NUMBER.format(key)} ELSE {key} END"
            )
            return f"coalesce({text}, '')", [spelling] * text.count("%s")
        keys = f'(SELECT key COLLATE "C" AS key, value FROM jsonb_each({document})) AS pairs'  # noqa: S608 - no input
        among_all = _among_all(_text_of("value"), keys, FOLDED_KEY_OF_POSTGRESQL)
        if not spelling:
            return f"coalesce({among_all}, '')", [name]
        by_key = _text_of(f"({document} -> %s)")
        # Without the rules of a language, by which capitals may be compared otherwise.
        text = f'{document}::text COLLATE "C"'
        query = (
            f"CASE WHEN {document} ? %s AND {text} NOT ILIKE %s THEN coalesce({by_key}, '') "
            f"WHEN {text} NOT ILIKE %s THEN '' ELSE coalesce({among_all}, '') END"
        )
        spellings = [spelling] * by_key.count("%s")
        return query, [spelling, _twice(name), *spellings, _once(name), name]

    def _parts(self, compiler: Any) -> tuple[str, str, str]:
        """Return the column of the document, the folded name and its usual spelling."""
        column, name, spelling = self.get_source_expressions()
        return str(compiler.compile(column)[0]), name.value, spelling.value


class HasOnlyKeys(Func):
    """Whether a document has no keys but these. For PostgreSQL alone."""

    output_field = BooleanField()

    def __init__(self, path: str, keys: Sequence[str]) -> None:
        super().__init__(F(path), Value(list(keys), output_field=JSONField()))

    def as_postgresql(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By what is left without these keys."""
        document, keys = self.get_source_expressions()
        column, _parameters = compiler.compile(document)
        return f"({column} - %s::text[]) = '{{}}'::jsonb", [keys.value]


def is_in_document_as_text(value: str) -> bool:
    """Return whether a document whose attribute contains the value contains it as it is.

    A number may be written otherwise, and JSON writes some characters otherwise. On PostgreSQL, making the text of a
    document takes as long as reading the attribute.
    """
    return is_sqlite() and bool(_AS_IT_IS.fullmatch(value)) and any(map(str.isalpha, value))


def _text_of(value: str) -> str:
    text = f"{value} #>> '{{}}'"
    return f"CASE jsonb_typeof({value}) WHEN 'number' THEN {_NUMBER.format(text)} ELSE {text} END"


def _among_all(value: str, keys: str, folded_key: str) -> str:
    return f"(SELECT {value} FROM {keys} WHERE {folded_key} = %s ORDER BY key LIMIT 1)"  # noqa: S608 - no input


def _once(name: str) -> str:
    """Return the pattern of a document that may have the name. A “_” stands for a space and an underline."""
    return f'%"{name.replace(" ", "_")}"%'


def _twice(name: str) -> str:
    """Return the pattern of a document that has the name twice, or once within a value."""
    return _once(name) + _once(name)[1:]
