"""From the cells of a row to a person ready for the staging table, or the reason why not.

This runs once for every row of a file, so the everyday row (a plain address, plain names) takes the short way.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from django.utils import timezone

from subscribers.csv_safety import unescape_formula
from subscribers.email_addresses import parse, plain
from subscribers.errors import Invalid
from subscribers.imports import clean_cells as cell
from subscribers.imports import column_mapping
from subscribers.imports.column_mapping import Column
from subscribers.imports.csv_records import Cells, UnreadableRow
from subscribers.imports.import_status import ImportStatus, says_yes, status_of, subscribed_of
from subscribers.imports.parse_times import read_time
from subscribers.imports.typed_cells import day, typed_attributes_of

# A row that says no outweighs every row that does not, wherever it stands in the file.
WEIGHTS = {
    ImportStatus.LEFT: 1 << 40,
    ImportStatus.HARD_BOUNCE: 2 << 40,
    ImportStatus.COMPLAINT: 3 << 40,
    ImportStatus.MANUAL: 4 << 40,
}
MAX_REMEMBERED = 1_000
# When somebody joined: services write an unknown time as the year 1, and a local time without its zone may be so far
# ahead of UTC.
EARLIEST = 1900
ZONES_DIFFER = timedelta(hours=14)
SEPARATORS = str.maketrans({";": ",", "|": ",", "\n": ","})


class StagedRow(NamedTuple):
    """A row of the staging table; `address` and the last five are None where there is nothing to say."""

    row: int
    weight: int
    key: str
    address: str | None
    first_name: str
    last_name: str
    locale: str
    zone: str
    attributes: str | None
    topics: str | None
    paused: str | None
    joined: datetime | None
    standing: str | None


class RejectedRow(NamedTuple):
    """A row that is left out: why, and its cells as they came."""

    row: int
    reason: str
    cells: Sequence[str]


class RowReader:
    """Reads the rows of one file into the fields that its mapping names."""

    def __init__(self, columns: column_mapping.ColumnMapping, topics: Mapping[str, str]) -> None:
        """`topics` gives the slug for every slug and lower-case name of the list's topics."""
        self._width = len(columns.columns)
        self._at = columns.index_of("address")
        self._title = columns.columns[self._at].title
        self._names = tuple(columns.index_of(target) for target in ("first_name", "last_name"))
        self._topics = topics
        self._others = _Others(columns, topics)
        self._is_everyday = not _has_others(columns)

    def read(self, records: Iterable[tuple[int, Cells | UnreadableRow]]) -> Iterator[StagedRow | RejectedRow]:
        """A person or a refusal for every row that is not blank."""
        at, width, is_everyday = self._at, self._width, self._is_everyday
        first_at, last_at = self._names
        for row, found in records:
            if isinstance(found, UnreadableRow):
                yield RejectedRow(row, _sentence(found.reason), [found.text])
                continue
            if len(found) != width:
                if not any(map(str.strip, found)):
                    continue
                found = found + [""] * (width - len(found))  # noqa: PLW2901 - the same row, made whole
            address = found[at]
            first = found[first_at] if first_at >= 0 else ""
            last = found[last_at] if last_at >= 0 else ""
            if (
                is_everyday
                and len(found) == width
                and plain(address)
                and _is_simple(first)
                and _is_simple(last)
            ):
                key = address.lower()
                address_or_none = None if key == address else address
                yield StagedRow(
                    row, row, key, address_or_none, first, last, "", "", None, None, None, None, None
                )
                continue
            if not any(map(str.strip, found)):
                continue
            try:
                yield self._carefully(row, found, first, last)
            except Invalid as reason:
                yield RejectedRow(row, _sentence(str(reason)), found)

    def _carefully(self, row: int, found: Cells, first: str, last: str) -> StagedRow:
        if any(map(str.strip, found[self._width :])):
            raise Invalid(f"the row has {len(found)} cells, but the first row of the file has {self._width}")
        text = found[self._at]
        halves = (first and cell.name(first, "the first name"), last and cell.name(last, "the last name"))
        if plain(text):
            return self._others.added_to(row, (text.lower(), text), halves, found)
        person = parse(cell.bare(unescape_formula(text)))
        if person.name and not any(halves):
            halves = cell.halves(cell.name(person.name, self._title))
        return self._others.added_to(row, (person.key, person.address), halves, found)


class _Others:
    """The columns that are neither the address nor half a name."""

    def __init__(self, columns: column_mapping.ColumnMapping, topics: Mapping[str, str]) -> None:
        def the(target: str) -> Column | None:
            return next((column for column in columns.columns if column.target == target), None)

        self._topics = topics
        self._name, self._locale, self._zone = the("name"), the("locale"), the("zone")
        self._joined, self._paused = the("joined"), the("paused")
        self._attributes = [
            (column, column.target.partition(":")[2]) for column in columns.having("attribute:")
        ]
        self._json, self._typed = columns.having("json"), columns.having("typed")
        self._has_free = bool(self._attributes or self._json or self._typed)
        self._topic_lists = columns.having("topics")
        self._topic_marks = [
            (column, self._topic(column.target.partition(":")[2])) for column in columns.having("topic:")
        ]
        self._has_topics = bool(self._topic_lists or self._topic_marks)
        self._chosen_before: dict[str, list[str]] = {}
        self._now = timezone.now()
        self._standings = [
            (column, STATUSES[column.target]) for column in columns.columns if column.target in STATUSES
        ]

    def added_to(self, row: int, person: tuple[str, str], halves: tuple[str, str], found: Cells) -> StagedRow:
        """The person, known by key and address, with everything that the other columns say."""
        key, address = person
        first, last = halves
        if self._name and not (first and last):
            whole = cell.halves(cell.name(found[self._name.index], self._name.title))
            first, last = first or whole[0], last or whole[1]
        standing = self._standing(found) if self._standings else ImportStatus.ACTIVE
        return StagedRow(
            row,
            row + WEIGHTS.get(standing, 0),
            key,
            None if address == key else address,
            first,
            last,
            cell.locale(found[self._locale.index], self._locale.title) if self._locale else "",
            cell.zone(found[self._zone.index], self._zone.title) if self._zone else "",
            self._free(found) if self._has_free else None,
            self._chosen(found) if self._has_topics else None,
            self._pause(found),
            self._time(found, standing),
            None if standing is ImportStatus.ACTIVE else standing.value,
        )

    def _free(self, found: Cells) -> str | None:
        """The attributes as JSON: texts alone are put together by hand, for which json.dumps is slow."""
        values: dict[str, object] = {}
        for column in self._json:
            values.update(cell.attributes_of(found[column.index], column.title))
        for column in self._typed:
            values.update(typed_attributes_of(found[column.index], column.title))
        for column, name in self._attributes:
            if (text := found[column.index]) and (value := cell.attribute(text, column.title)):
                values[name] = value
        if not values:
            return None
        if self._json or self._typed:
            return json.dumps(values)
        return (
            "{" + ", ".join([f"{quoted(name)}: {quoted(str(value))}" for name, value in values.items()]) + "}"
        )

    def _chosen(self, found: Cells) -> str | None:
        chosen = {slug for column, slug in self._topic_marks if says_yes(found[column.index])}
        for column in self._topic_lists:
            chosen.update(self._named(found[column.index]))
        return ",".join(sorted(chosen)) or None

    def _named(self, text: str) -> list[str]:
        """The slugs of the topics that a cell names; few files have many different such cells."""
        slugs = self._chosen_before.get(text)
        if slugs is None:
            words = unescape_formula(text).replace('"', "").translate(SEPARATORS).split(",")
            slugs = [self._topic(word) for word in map(str.strip, words) if word]
            if len(self._chosen_before) < MAX_REMEMBERED:
                self._chosen_before[text] = slugs
        return slugs

    def _topic(self, word: str) -> str:
        slug = self._topics.get(word.lower())
        if slug is None:
            near = get_close_matches(word.lower(), self._topics, 1)
            hint = f": did you mean “{near[0]}”?" if near else ""
            raise Invalid(f"“{word[:60]}” is no topic of this list{hint}")
        return slug

    def _pause(self, found: Cells) -> str | None:
        if self._paused is None:
            return None
        return day(found[self._paused.index], self._paused.title) or None

    def _time(self, found: Cells, standing: ImportStatus) -> datetime | None:
        """When they joined. A row that says no is not refused for a date: it is heard."""
        if self._joined is None or not (text := found[self._joined.index].strip()):
            return None
        try:
            return self._joined_at(text, self._joined)
        except Invalid:
            if standing is ImportStatus.ACTIVE:
                raise
            return None

    def _joined_at(self, text: str, column: Column) -> datetime:
        moment = read_time(text)
        if moment is None:
            raise Invalid(f"{column.title} holds no date that can be read: write it as 2026-01-31")
        if moment.year < EARLIEST:
            raise Invalid(f"{column.title} says {text[:40]}: nobody joined then. Leave it empty if unknown")
        if moment > self._now + ZONES_DIFFER:
            raise Invalid(
                f"{column.title} says {text[:40]}, which is in the future. Leave it empty if unknown"
            )
        return min(moment, self._now)

    def _standing(self, found: Cells) -> ImportStatus:
        worst = ImportStatus.ACTIVE
        for column, meaning in self._standings:
            standing = meaning(found[column.index])
            if standing is None:
                word = found[column.index].strip()[:60]
                raise Invalid(
                    f"{column.title} says “{word}”, which is no status: write active or unsubscribed"
                )
            if standing is ImportStatus.UNCONFIRMED:
                raise Invalid(f"{column.title} says that this person has not confirmed")
            if WEIGHTS.get(standing, 0) > WEIGHTS.get(worst, 0):
                worst = standing
        return worst


def _yes_is(standing: ImportStatus) -> Callable[[str], ImportStatus]:
    return lambda text: standing if says_yes(text) else ImportStatus.ACTIVE


STATUSES: Mapping[str, Callable[[str], ImportStatus | None]] = {
    "status": status_of,
    "subscribed": subscribed_of,
    "left": _yes_is(ImportStatus.LEFT),
    "bounced": _yes_is(ImportStatus.HARD_BOUNCE),
    "blocked": _yes_is(ImportStatus.MANUAL),
}


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith((".", "?")) else ".")


def _has_others(columns: column_mapping.ColumnMapping) -> bool:
    return any(
        column.target not in {"address", "first_name", "last_name", "ignore"} for column in columns.columns
    )


def _is_simple(name: str) -> bool:
    return not name or (name.isascii() and name.isalnum() and len(name) <= cell.LONGEST_NAME)
