"""A condition on a detail of people whose documents have no names but the usual ones, by reading one key alone.

Most conditions cannot be met by a number, true or false, because their value has a letter. Then the text that the key
gives is compared as it is. Only for other values, its type is asked for. (See attribute_sql.py for all documents.)
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, JSONField, Value

from subscribers import raw_sql
from subscribers.database import is_sqlite
from subscribers.numbers_as_text import NUMBER
from subscribers.segments.attribute_sql import NUMBER_OF_POSTGRESQL

# What a path of SQLite can name: the sign that ends a name, and what JSON always escapes, are left out.
_IN_PATHS = re.compile(r'[^"\\\x00-\x1f]+')
_ONLY_NUMBERS = re.compile(r"[0-9.-]+")
# As SQLite writes numbers while it compares them: 1.0e+20, Inf.
_LIKE_NUMBERS_OF_SQLITE = re.compile(r"[0-9.+einf-]+", re.IGNORECASE)
_PATTERNS = {"is": "{}", "contains": "%{}%", "starts with": "{}%", "ends with": "%{}"}


def can_be_read_by_key(spellings: Sequence[str]) -> bool:
    """Return whether the database can read a detail by its key, however it is spelt."""
    return not is_sqlite() or all(map(_IN_PATHS.fullmatch, spellings))


class DetailByKey(Func):
    """Whether a detail is, contains, starts with or ends with a value, or is missing.

    `spellings` are those of its name, in the order of their letters: the first one that a document has counts. There
    can be several values for the verb `is`, of which any will do.
    """

    output_field = BooleanField()

    def __init__(self, path: str, spellings: Sequence[str], verb: str, values: Sequence[str] = ()) -> None:
        super().__init__(F(path))
        self.spellings, self.verb, self.values = tuple(spellings), verb, tuple(values)

    def as_postgresql(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By ->>, which gives a number as it was written. Otherwise, only zeros at its end can be different."""
        document = self._document(compiler)
        key, names = _first_spelling(self.spellings, f"{document} ? %s")
        text = f"({document} ->> {key})"
        if self.verb == "is missing":
            return f"coalesce({text}, '') = ''", names
        numbers = [value for value in self.values if _ONLY_NUMBERS.fullmatch(value)]
        if not numbers:
            compared, values = _compared_by_postgresql(text, names, self.verb, self.values)
            return f"coalesce({compared}, false)", values
        as_text = (
            f"CASE jsonb_typeof({document} -> {key}) WHEN 'number' "
            f"THEN {NUMBER_OF_POSTGRESQL.format(text)} ELSE {text} END"
        )
        compared, values = _compared_by_postgresql(as_text, names * 3, self.verb, self.values)
        if len(self.values) > 1:
            return f"coalesce({compared}, false)", values
        # A number without the zeros at its end is the beginning of the number as it was written.
        pattern = _PATTERNS["starts with" if self.verb in {"is", "starts with"} else "contains"]
        begins = f'{text} COLLATE "C" LIKE %s'
        return (
            f"CASE WHEN {begins} THEN coalesce({compared}, false) ELSE false END",
            [*names, pattern.format(numbers[0]), *values],
        )

    def as_sqlite(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By json_extract, which gives true and false as 1 and 0."""
        document = self._document(compiler)
        paths = [path for name in self.spellings for path in paths_of_sqlite(name)]
        path, names = _first_spelling(paths, f"json_type({document}, %s) IS NOT NULL")
        value = f"json_extract({document}, {path})"
        if self.verb == "is missing":
            return f"coalesce({value}, '') = ''", names
        if not any(map(_may_be_no_text, self.values)):
            compared, values = _compared_by_sqlite(value, names, self.verb, self.values)
            return f"coalesce({compared}, 0)", values
        kind = f"CASE json_type({document}, {path})"
        as_text = f"CAST({value} AS text)"
        if self.verb == "is":
            return self._is_on_sqlite(kind, as_text, value, names)
        as_text = (
            f"{kind} WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' "
            f"WHEN 'real' THEN {NUMBER}({value}) ELSE {as_text} END"
        )
        compared, values = _compared_by_sqlite(as_text, names * 3, self.verb, self.values)
        return f"coalesce({compared}, 0)", values

    def _is_on_sqlite(self, kind: str, as_text: str, value: str, names: list[str]) -> Any:
        """Compare a number as a number: writing one as text takes a call from the database into Python."""
        lower = {each.lower() for each in self.values}
        numbers = [number for each in self.values if (number := raw_sql.number_of(each)) is not None]
        compared, values = _compared_by_sqlite(as_text, names, "is", self.values)
        query = (
            f"{kind} WHEN 'true' THEN {int('true' in lower)} WHEN 'false' THEN {int('false' in lower)} "
            f"WHEN 'real' THEN {value} IN ({', '.join(['%s'] * len(numbers))}) ELSE coalesce({compared}, 0) END"
        )
        return query, [*names, *names, *numbers, *values]

    def _document(self, compiler: Any) -> str:
        [column] = self.get_source_expressions()
        return str(compiler.compile(column)[0])


class HasOnlyKeys(Func):
    """Whether a document has no keys but these."""

    output_field = BooleanField()

    def __init__(self, path: str, keys: Sequence[str]) -> None:
        super().__init__(F(path), Value(list(keys), output_field=JSONField()))

    def as_postgresql(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By what is left without these keys."""
        document, keys = self.get_source_expressions()
        column, _parameters = compiler.compile(document)
        return f"({column} - %s::text[]) = '{{}}'::jsonb", [keys.value]

    def as_sqlite(self, compiler: Any, *_connection: Any, **_options: Any) -> Any:
        """By what is left without the paths to these keys."""
        document, keys = self.get_source_expressions()
        column, _parameters = compiler.compile(document)
        paths = [path for key in keys.value if can_be_read_by_key([key]) for path in paths_of_sqlite(key)]
        paths = paths[:MOST_PATHS]
        return f"json_remove({', '.join([column, *['%s'] * len(paths)])}) = '{{}}'", paths


# SQLite takes 127 arguments, of which one is the document.
MOST_PATHS = 126


def paths_of_sqlite(name: str) -> list[str]:
    """Return the paths to a name in a document. JSON can write letters beyond ASCII as they are, or escape them."""
    return list(dict.fromkeys([f'$."{name}"', f"$.{json.dumps(name)}"]))


def _first_spelling(spellings: Sequence[str], has: str) -> tuple[str, list[str]]:
    """Return an expression for the first spelling that a document has, and its parameters."""
    *firsts, last = spellings
    if not firsts:
        return "%s", [last]
    whens = " ".join([f"WHEN {has} THEN %s"] * len(firsts))
    return f"CASE {whens} ELSE %s END", [*(each for first in firsts for each in (first, first)), last]


def _compared_by_postgresql(
    text: str, names: list[str], verb: str, values: Sequence[str]
) -> tuple[str, list[Any]]:
    """Compare without regard to capitals. Without the rules of a language if the values are ASCII, which is faster."""
    if verb == "is" and len(values) > 1:
        plain = [value.upper() for value in values if value.isascii()]
        others = [value for value in values if not value.isascii()]
        query = f'upper({text} COLLATE "C") = ANY(%s::text[])'
        if not others:
            return query, [*names, plain]
        marks = ", ".join(["upper(%s)"] * len(others))
        return f"({query} OR upper({text}) IN ({marks}))", [*names, plain, *names, *others]
    [value] = values
    sign = "=" if verb == "is" else "LIKE"
    wanted = value if verb == "is" else _PATTERNS[verb].format(_escaped(value))
    if value.isascii():
        return f'upper({text} COLLATE "C") {sign} %s', [*names, wanted.upper()]
    return f"upper({text}) {sign} upper(%s)", [*names, wanted]


def _compared_by_sqlite(
    text: str, names: list[str], verb: str, values: Sequence[str]
) -> tuple[str, list[Any]]:
    if verb == "is":
        return f"{text} COLLATE NOCASE IN ({', '.join(['%s'] * len(values))})", [*names, *values]
    [value] = values
    return f"{text} LIKE %s ESCAPE '\\'", [*names, _PATTERNS[verb].format(_escaped(value))]


def _escaped(value: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", value)


def _may_be_no_text(value: str) -> bool:
    """Return whether a number, true or false can contain a value on SQLite."""
    lower = value.lower()
    return bool(_LIKE_NUMBERS_OF_SQLITE.fullmatch(value)) or lower in "true" or lower in "false"
