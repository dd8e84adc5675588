"""A custom attribute as text, in a query on SQLite and PostgreSQL.

Names are compared without regard to capitals, spaces and underlines, so a name has many spellings, of which nearly all
people have the same. Reading one key of a document takes a quarter of the time of looking at all keys
(attribute_names.py finds the usual spelling). All keys are looked at only where the name is written otherwise or more
than once, which a search in the text of the document tells. This search takes longer than reading several keys, so a
segment with several details first asks, once for each document, whether it has any keys but the usual ones
(detail_by_key.py).
"""

import re
from collections.abc import Sequence
from json import dumps
from typing import Any

from django.db.models import F, Func, TextField, Value

from subscribers.database import is_sqlite
from subscribers.numbers_as_text import NUMBER
from subscribers.segments.attribute_names import (
    FOLDED_KEY_OF_SQLITE,
    LOWER,
    folded_name,
    is_plain,
    spelling_of,
)

NUMBER_OF_POSTGRESQL = "trim_scale(({})::numeric)::text"
_AS_IT_IS = re.compile(r"[A-Za-z0-9 '-]+")


class AttributeText(Func):
    """The attribute of that name (capitals, spaces and underlines do not matter) as text, or an empty text.

    `usual` are the `usual_spellings`.
    """

    output_field = TextField()

    def __init__(self, path: str, name: str, usual: Sequence[str]) -> None:
        folded = folded_name(name)
        spelling = spelling_of(folded, usual) if is_plain(folded) else ""
        super().__init__(F(path), Value(folded), Value(spelling))

    def as_sqlite(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By json_each, so that no name needs quoting in a path, or by a path if the name is plain."""
        value = (
            f"CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'real' THEN {NUMBER}(value) "
        )
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
        """By a path through all pairs, or by the key if the name is plain.

        A path and not a subquery: PostgreSQL does not let several processes share a query with one.
        """
        document, name, spelling = self._parts(compiler)
        path = _path_through_all(name)
        among_all = _text_of(f"jsonb_path_query_first({document}, %s::jsonpath)")
        paths = [path] * among_all.count("%s")
        if not spelling:
            return f"coalesce({among_all}, '')", paths
        by_key = _text_of(f"({document} -> %s)")
        # Without the rules of a language, by which capitals may be compared otherwise.
        text = f'{document}::text COLLATE "C"'
        query = (
            f"CASE WHEN {document} ? %s AND {text} NOT ILIKE %s THEN coalesce({by_key}, '') "
            f"WHEN {text} NOT ILIKE %s THEN '' ELSE coalesce({among_all}, '') END"
        )
        spellings = [spelling] * by_key.count("%s")
        return query, [spelling, _twice(name), *spellings, _once(name), *paths]

    def _parts(self, compiler: Any) -> tuple[str, str, str]:
        """Return the column of the document, the folded name and its usual spelling."""
        column, name, spelling = self.get_source_expressions()
        return str(compiler.compile(column)[0]), name.value, spelling.value


def is_in_document_as_text(value: str) -> bool:
    """Return whether a document whose attribute contains the value contains it as it is.

    A number may be written otherwise, and JSON writes some characters otherwise. On PostgreSQL, making the text of a
    document takes as long as reading the attribute.
    """
    return is_sqlite() and bool(_AS_IT_IS.fullmatch(value)) and any(map(str.isalpha, value))


def _text_of(value: str) -> str:
    text = f"{value} #>> '{{}}'"
    return (
        f"CASE jsonb_typeof({value}) WHEN 'number' THEN {NUMBER_OF_POSTGRESQL.format(text)} ELSE {text} END"
    )


def _among_all(value: str, keys: str, folded_key: str) -> str:
    return f"(SELECT {value} FROM {keys} WHERE {folded_key} = %s ORDER BY key LIMIT 1)"  # noqa: S608 - no input


def _path_through_all(name: str) -> str:
    """Return a JSON path to the value of the first of all spellings of a name. A document keeps them in this order."""
    pattern = "".join(map(_any_spelling, name))
    return f"$.keyvalue() ? (@.key like_regex {dumps(f'^{pattern}$', ensure_ascii=False)}).value"


def _any_spelling(sign: str) -> str:
    if sign == " ":
        return "[ _]"
    if sign in LOWER.values():
        return f"[{sign}{sign.upper()}]"
    return sign if sign.isalnum() else f"\\{sign}"


def _once(name: str) -> str:
    """Return the pattern of a document that may have the name. A “_” stands for a space and an underline."""
    return f'%"{name.replace(" ", "_")}"%'


def _twice(name: str) -> str:
    """Return the pattern of a document that has the name twice, or once within a value."""
    return _once(name) + _once(name)[1:]
