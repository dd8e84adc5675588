"""Which column becomes what: by the file's own headings, or as the person says with `COLUMN=FIELD`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from subscribers.errors import Invalid
from subscribers.imports.column_aliases import attribute_name, plain_words

FIELDS = {
    "address": "the e-mail address",
    "first_name": "first name",
    "last_name": "last name",
    "name": "whole name, cut after its first word",
    "locale": "language, such as en-GB",
    "zone": "time zone, such as Europe/London",
    "topics": "topics of the list, separated by commas, semicolons or bars",
    "joined": "when they joined there",
    "paused": "the day from which they are mailed again, for people who are new",
    "status": "whether they may be mailed: active, unsubscribed, bounced, complained, blocked …",
    "subscribed": "whether they are subscribed: yes or no",
    "left": "whether or when they unsubscribed",
    "bounced": "whether or when their mail bounced",
    "blocked": "whether they must not be mailed",
    "json": "free attributes as a JSON object; lists become text, and what lies deeper gets a name such as home.city",
    "typed": "free attributes as a JSON object, with their types: what our own export writes",
    "ignore": "nothing: the column is left out",
}
# A file may say no in several columns, and each of them is heard.
ONCE = frozenset(FIELDS) - {"ignore", "json", "topics", "status", "left", "bounced", "blocked", "subscribed"}
ATTRIBUTE = re.compile(r"\w[\w .-]{0,59}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file. `target` is a field of FIELDS, `attribute:NAME` or `topic:SLUG`."""

    number: int
    heading: str
    target: str

    @property
    def title(self) -> str:
        """How the column is called in a sentence."""
        return f"“{self.heading}”" if self.heading else f"column {self.number}"

    @property
    def index(self) -> int:
        """Where the column's cell stands in a row."""
        return self.number - 1


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """All columns of a file, in their order."""

    columns: tuple[Column, ...]

    def index_of(self, target: str) -> int:
        """Where the field's cell stands in a row, or -1."""
        return next((column.index for column in self.columns if column.target == target), -1)

    def having(self, beginning: str) -> list[Column]:
        """The columns of which the target begins so."""
        return [column for column in self.columns if column.target.startswith(beginning)]


def apply_choices(mapping: ColumnMapping, choices: Iterable[str]) -> ColumnMapping:
    """The mapping as the person wants it: each choice is `COLUMN=FIELD`, the column by its heading or number.

    Raises Invalid for a column that the file has not, an unknown field, or a field given twice.
    """
    chosen: dict[int, str] = {}
    for choice in choices:
        heading, sign, wanted = choice.rpartition("=")
        if not sign or not heading.strip():
            raise Invalid(f"“{choice}” is no mapping: write COLUMN=FIELD, such as “Vorname=first_name”.")
        column = _column_called(mapping.columns, heading.strip())
        chosen[column.number] = _checked_target(wanted.strip(), column)
    taken = set(chosen.values()) & ONCE
    columns = tuple(
        Column(
            column.number,
            column.heading,
            # A choice takes its field from the column that was guessed.
            chosen.get(column.number, "ignore" if column.target in taken else column.target),
        )
        for column in mapping.columns
    )
    _refuse_doubles(columns)
    return ColumnMapping(columns)


def _column_called(columns: Sequence[Column], name: str) -> Column:
    for column in columns:
        if column.heading and column.heading.strip() == name:
            return column
    for column in columns:
        if column.heading and plain_words(column.heading) == plain_words(name) != "":
            return column
    if name.isdecimal() and 1 <= int(name) <= len(columns):
        return columns[int(name) - 1]
    known = ", ".join(column.title for column in columns[:20])
    raise Invalid(f"The file has no column “{name}”. It has {known}.")


def _checked_target(wanted: str, column: Column) -> str:
    kind, _, name = wanted.partition(":")
    if kind == "attribute":
        name = name.strip() or attribute_name(column.heading)
        if ATTRIBUTE.fullmatch(name):
            return f"attribute:{name}"
        raise Invalid(f"“{name}” cannot name an attribute: use letters, figures, spaces, dots and hyphens.")
    if kind == "topic" and name.strip():
        return f"topic:{name.strip()}"
    if wanted in FIELDS:
        return wanted
    raise Invalid(f"“{wanted}” is no field. Fields are {', '.join(FIELDS)}, attribute:NAME and topic:SLUG.")


def _refuse_doubles(columns: Iterable[Column]) -> None:
    seen: dict[str, Column] = {}
    for column in columns:
        if column.target in ONCE or column.target.startswith(("attribute:", "topic:")):
            if column.target in seen:
                raise Invalid(
                    f"{seen[column.target].title} and {column.title} cannot both be {column.target}."
                )
            seen[column.target] = column
