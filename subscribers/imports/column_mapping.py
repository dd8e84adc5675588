"""Which column becomes what: by the file's own headings, or as the person says with `COLUMN=FIELD`."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from subscribers.errors import Invalid
from subscribers.imports.column_aliases import attribute_name, plain_words
from subscribers.imports.status_at_other_service import ImportStatus, status_of
from subscribers.lawful_basis import CHOICES, ON_CONSENT, BasisStatement
from subscribers.whole_numbers import whole_number

FIELDS = {
    "address": "the email address",
    "first_name": "first name",
    "last_name": "last name",
    "name": "full name (the first word becomes the first name, and the rest the last name)",
    "locale": "language, such as en-GB",
    "zone": "time zone, such as Europe/London",
    "topics": "topics on the list, separated by commas, semicolons or vertical bars",
    "joined": "when they joined the list that you are importing",
    "joined_day_first": "when they joined, where 03/04/2026 is 3 April",
    "joined_month_first": "when they joined, where 03/04/2026 is 4 March",
    "basis": f"the lawful basis for emailing them: {CHOICES}",
    "collected_from": "who gave you their details: the person, or another organisation (for soft opt-ins)",
    "paused": "the day on which their pause ends, for new people only",
    "status": "whether we can email them: active, unsubscribed, bounced, complained, blocked …",
    "subscribed": "whether they are subscribed: yes or no",
    "confirmed": "whether they confirmed their address: yes or no",
    "left": "whether or when they unsubscribed",
    "bounced": "whether or when their emails bounced",
    "blocked": "whether we must not email them",
    "json": "other details as a JSON object. A list becomes text, and a nested value gets a name such as home.city",
    "typed": "other details as a JSON object, with their types, as our own export writes them",
    "ignore": "nothing: we ignore the column",
}
# The columns that say whether somebody may be emailed. A file may have several, and one “no” is enough.
CONSENT_FIELDS = frozenset({"status", "subscribed", "confirmed", "left", "bounced", "blocked"})
ONCE = frozenset(FIELDS) - CONSENT_FIELDS - {"ignore", "json", "topics"}
# The fields that say when people joined, and whether the day comes first in a date that could be two.
JOINED: Mapping[str, bool | None] = {"joined": None, "joined_day_first": True, "joined_month_first": False}
ATTRIBUTE = re.compile(r"\w[\w .-]{0,59}")
BY_NUMBER = re.compile(r"#(\d{1,4})", re.ASCII)
VALUE_BY_NUMBER = re.compile(r"(#\d{1,4}):(.+)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file. `target` is a field of FIELDS, `attribute:NAME` or `topic:SLUG`.

    `is_in_doubt`: it could say that somebody must not be emailed, and we do not know how. `is_understood`: a person or
    a known service says what it is. `is_chosen`: a person says it. `is_blank`: the first rows say nothing in it.
    `words` are the values that somebody gave a meaning, as plain words. `consent_too`: the field about consent that
    the times of a column `joined` answer as well, so that a row without a time is still no consent.
    """

    number: int
    heading: str
    target: str
    is_in_doubt: bool = False
    is_understood: bool = False
    is_blank: bool = False
    words: tuple[tuple[str, ImportStatus], ...] = ()
    consent_too: str = ""
    is_chosen: bool = False

    @property
    def says_when_joined(self) -> bool:
        """Whether the column says when people joined."""
        return self.target in JOINED

    @property
    def day_first(self) -> bool | None:
        """Whether the day comes first in a date that could be two, or None if nobody said."""
        return JOINED.get(self.target)

    @property
    def consent_field(self) -> str:
        """The field about consent that the column answers. Empty if it says nothing about consent."""
        if self.says_when_joined:
            return self.consent_too
        return self.target if self.target in CONSENT_FIELDS else ""

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
    """All columns of a file, in their order, and what is true of everyone in it."""

    columns: tuple[Column, ...]
    everyone: ImportStatus = ImportStatus.ACTIVE
    on: BasisStatement = ON_CONSENT

    @property
    def says_who_left(self) -> bool:
        """Whether a column is about consent, status, bounces or suppression."""
        return any(column.consent_field for column in self.columns)

    def index_of(self, target: str) -> int:
        """Where the field's cell stands in a row, or -1."""
        return next((column.index for column in self.columns if column.target == target), -1)

    def having(self, beginning: str) -> list[Column]:
        """The columns of which the target begins so."""
        return [column for column in self.columns if column.target.startswith(beginning)]


def apply_choices(mapping: ColumnMapping, choices: Iterable[str]) -> ColumnMapping:
    """Return the mapping as the person wants it.

    Each choice is `COLUMN=FIELD`, or `COLUMN:VALUE=STATUS` for one value of a status column; a column is named by its
    heading or its number, where `#3` is never taken for a heading. Raises Invalid for a column that the file does not
    have, an unknown field, or a field that is given twice.
    """
    chosen: dict[int, str] = {}
    words: dict[int, dict[str, ImportStatus]] = {}
    for choice in choices:
        heading, sign, wanted = (part.strip() for part in choice.rpartition("="))
        if not sign or not heading:
            raise Invalid(f"“{choice}” is not a mapping. Enter COLUMN=FIELD, such as “Vorname=first_name”.")
        if found := _value_of_column(mapping.columns, heading):
            column, value = found
            words.setdefault(column.number, {})[plain_words(value)] = status_called(wanted)
        else:
            column = _column_called(mapping.columns, heading)
            chosen[column.number] = _checked_target(wanted, column)
    taken = set(chosen.values()) & ONCE
    if taken & JOINED.keys():
        taken |= JOINED.keys()
    columns = tuple(
        _chosen(column, chosen, taken, words.get(column.number, {})) for column in mapping.columns
    )
    _refuse_doubles(columns)
    return replace(mapping, columns=columns)


def _chosen(
    column: Column, chosen: Mapping[int, str], taken: Collection[str], words: Mapping[str, ImportStatus]
) -> Column:
    if column.number in chosen:
        column = replace(
            column, target=chosen[column.number], is_in_doubt=False, is_understood=True, is_chosen=True
        )
    elif column.target in taken:  # a choice takes its field from the column that was guessed
        column = replace(column, target=column.consent_field or "ignore")
    if words:
        target = column.target if column.consent_field else "status"
        known = {**dict(column.words), **words}
        column = replace(column, target=target, is_in_doubt=False, words=tuple(known.items()))
    return column


def _value_of_column(columns: Sequence[Column], heading: str) -> tuple[Column, str] | None:
    """The column and the value of “Status:VIP”, unless a column has that heading."""
    if numbered := VALUE_BY_NUMBER.fullmatch(heading):
        return _column_called(columns, numbered[1]), numbered[2].strip()
    name, sign, value = heading.rpartition(":")
    if not sign or any(plain_words(column.heading) == plain_words(heading) for column in columns):
        return None
    return _column_called(columns, name.strip()), value


def status_called(wanted: str) -> ImportStatus:
    """Return the status of this name. Raises Invalid if there is none."""
    found = status_of(wanted) if wanted else None
    if found is None:
        raise Invalid(
            f"“{wanted[:60]}” is not a status. Use active, unsubscribed, unconfirmed, bounced, "
            "complained, blocked or fundraising."
        )
    return found


def _column_called(columns: Sequence[Column], name: str) -> Column:
    if (numbered := BY_NUMBER.fullmatch(name)) and 1 <= int(numbered[1]) <= len(columns):
        return columns[int(numbered[1]) - 1]
    for column in columns:
        if column.heading and column.heading.strip() == name:
            return column
    for column in columns:
        if column.heading and plain_words(column.heading) == plain_words(name) != "":
            return column
    if 1 <= (number := whole_number(name) or 0) <= len(columns):
        return columns[number - 1]
    known = ", ".join(column.title for column in columns[:20])
    raise Invalid(f"The file has no column “{name}”. Its columns are {known}.")


def _checked_target(wanted: str, column: Column) -> str:
    kind, _, name = wanted.partition(":")
    if kind == "attribute":
        name = name.strip() or attribute_name(column.heading)
        if ATTRIBUTE.fullmatch(name):
            return f"attribute:{name}"
        raise Invalid(
            f"“{name}” cannot be the name of a detail. Use letters, digits, spaces, dots and hyphens."
        )
    if kind == "topic" and name.strip():
        return f"topic:{name.strip()}"
    if wanted in FIELDS:
        return wanted
    raise Invalid(
        f"“{wanted}” is not a field. The fields are {', '.join(FIELDS)}, attribute:NAME and topic:SLUG."
    )


def _refuse_doubles(columns: Iterable[Column]) -> None:
    seen: dict[str, Column] = {}
    for column in columns:
        if column.target in ONCE or column.target.startswith(("attribute:", "topic:")):
            target = "joined" if column.says_when_joined else column.target
            if target in seen:
                raise Invalid(f"You cannot map both {seen[target].title} and {column.title} to {target}.")
            seen[target] = column
