"""From the cells of a row to a person ready for the staging table, or the reason why not.

This runs once for every row of a file, so the everyday row (a plain address, plain names) takes the short way.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from django.utils import timezone

from subscribers.csv_safety import unescape_formula
from subscribers.email_addresses import Address, parse, plain
from subscribers.errors import Invalid
from subscribers.imports import clean_cells as cell
from subscribers.imports import column_mapping
from subscribers.imports.address_cells import addresses_in, is_about_addresses, without_wrapping
from subscribers.imports.column_doubts import ColumnDoubts
from subscribers.imports.column_mapping import Column
from subscribers.imports.csv_records import Cells, UnreadableRow
from subscribers.imports.import_status import NO_TIME, ImportStatus, says_yes
from subscribers.imports.parse_times import read_time
from subscribers.imports.row_status import WEIGHTS, StandingReader
from subscribers.imports.side_values import RowSideValues, SideValues
from subscribers.imports.typed_cells import day, typed_attributes_of

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

    def __init__(
        self,
        columns: column_mapping.ColumnMapping,
        topics: Mapping[str, str],
        *,
        doubts: ColumnDoubts | None = None,
        notes: SideValues | None = None,
    ) -> None:
        """`topics` gives the slug for every slug and lower-case name of the list's topics.

        `doubts` and `notes` collect what a person has to decide, and what was not used for what its column is for.
        """
        self._width = len(columns.columns)
        self._address = columns.columns[columns.index_of("address")]
        self._other_addresses = [
            column for column in columns.having("attribute:") if is_about_addresses(column.heading)
        ]
        self._names = tuple(
            next((column for column in columns.columns if column.target == target), None)
            for target in ("first_name", "last_name")
        )
        self._notes = SideValues() if notes is None else notes
        doubts = ColumnDoubts(columns) if doubts is None else doubts
        self._others = _Others(columns, topics, doubts)
        self._is_everyday = not _has_others(columns) and not doubts.watched

    def read(self, records: Iterable[tuple[int, Cells | UnreadableRow]]) -> Iterator[StagedRow | RejectedRow]:
        """A person or a refusal for every row that is not blank."""
        at, width, is_everyday = self._address.index, self._width, self._is_everyday
        first_at, last_at = (column.index if column else -1 for column in self._names)
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
                yield self._carefully(row, found)
            except Invalid as reason:
                yield RejectedRow(row, _sentence(str(reason)), found)

    def _carefully(self, row: int, found: Cells) -> StagedRow:
        self._others.look_for_doubts(found)
        if any(map(str.strip, found[self._width :])):
            raise Invalid(f"the row has {len(found)} cells, but the first row of the file has {self._width}")
        side = RowSideValues(row, self._notes)
        text = self._address_cell(found, side)
        first, last = (
            side.read(column, cell.name, found[column.index], "") if column else "" for column in self._names
        )
        if plain(text):
            return self._others.added_to(side, (row, text.lower(), text), (first, last), found)
        person = self._address_of(text, side)
        if person.name and not (first or last):
            first, last = cell.halves(side.read(self._address, cell.name, person.name, ""))
        return self._others.added_to(side, (row, person.key, person.address), (first, last), found)

    def _address_cell(self, found: Cells, side: RowSideValues) -> str:
        """The cell of the address; where it has none, the first of another column of addresses that has one."""
        text = found[self._address.index]
        if "@" in text:
            return text
        for column in self._other_addresses:
            if addresses_in(found[column.index]):
                side.note(column, f"the address in it is used, since {self._address.title} has none")
                return found[column.index]
        return text

    def _address_of(self, text: str, side: RowSideValues) -> Address:
        """The address of a cell; of several, the first."""
        try:
            return parse(without_wrapping(text))
        except Invalid:
            addresses = addresses_in(text)
            if len(addresses) < 2:  # noqa: PLR2004 - one that the check refused
                raise
        first = parse(addresses[0])
        side.kept["other_addresses"] = ", ".join(addresses[1:])[: cell.LONGEST_ATTRIBUTE]
        side.note(
            self._address,
            "the cell holds several addresses. The first is used, and the others are kept as the attribute "
            "other_addresses",
        )
        return first


class _Others:
    """The columns that are neither the address nor half a name."""

    def __init__(
        self, columns: column_mapping.ColumnMapping, topics: Mapping[str, str], doubts: ColumnDoubts
    ) -> None:
        def the(target: str) -> Column | None:
            return next((column for column in columns.columns if column.target == target), None)

        self._topics = topics
        self._name, self._locale, self._zone = the("name"), the("locale"), the("zone")
        self._joined, self._paused = the("joined"), the("paused")
        self._attributes = [
            (column, column.target.partition(":")[2]) for column in columns.having("attribute:")
        ]
        self._json, self._typed = columns.having("json"), columns.having("typed")
        self._topic_lists = columns.having("topics")
        self._topic_marks = [
            (column, self._topic(column.target.partition(":")[2])) for column in columns.having("topic:")
        ]
        self._has_topics = bool(self._topic_lists or self._topic_marks)
        self._chosen_before: dict[str, tuple[list[str], str]] = {}
        self._now = timezone.now()
        self._standings = StandingReader(columns.columns, doubts)
        self._doubts, self._watched = doubts, [(column, column.index) for column in doubts.watched]

    def look_for_doubts(self, found: Cells) -> None:
        """Note cells of columns that nobody understands and that could say that the person must not be emailed."""
        for column, at in self._watched:
            if found[at]:
                self._doubts.look_at(column, found[at])

    def added_to(
        self, side: RowSideValues, person: tuple[int, str, str], halves: tuple[str, str], found: Cells
    ) -> StagedRow:
        """The person, known by row, key and address, with everything that the other columns say."""
        row, key, address = person
        first, last = halves
        if self._name and not (first and last):
            whole = cell.halves(side.read(self._name, cell.name, found[self._name.index], ""))
            first, last = first or whole[0], last or whole[1]
        standing = self._standings.standing(found) if self._standings else ImportStatus.ACTIVE
        locale = side.read(self._locale, cell.locale, found[self._locale.index], "") if self._locale else ""
        zone = side.read(self._zone, cell.zone, found[self._zone.index], "") if self._zone else ""
        topics = self._chosen(found, side) if self._has_topics else None
        joined = (
            side.read(self._joined, self._joined_at, found[self._joined.index], None)
            if self._joined
            else None
        )
        return StagedRow(
            row,
            row + WEIGHTS.get(standing, 0),
            key,
            None if address == key else address,
            first,
            last,
            locale,
            zone,
            self._free(found, side),
            topics,
            self._pause(found, standing),
            joined,
            None if standing is ImportStatus.ACTIVE else standing.value,
        )

    def _free(self, found: Cells, side: RowSideValues) -> str | None:
        """The attributes as JSON: texts alone are put together by hand, for which json.dumps is slow."""
        values: dict[str, object] = {}
        nothing: dict[str, object] = {}
        for column in self._json:
            values.update(side.read(column, cell.attributes_of, found[column.index], nothing))
        for column in self._typed:
            values.update(side.read(column, typed_attributes_of, found[column.index], nothing))
        for column, name in self._attributes:
            if (text := found[column.index]) and (value := side.read(column, cell.attribute, text, "")):
                values[name] = value
        if side.kept:
            values = {**side.kept, **values}
        if not values:
            return None
        if self._json or self._typed:
            return json.dumps(values)
        return (
            "{" + ", ".join([f"{quoted(name)}: {quoted(str(value))}" for name, value in values.items()]) + "}"
        )

    def _chosen(self, found: Cells, side: RowSideValues) -> str | None:
        chosen = {slug for column, slug in self._topic_marks if says_yes(found[column.index])}
        for column in self._topic_lists:
            slugs, reason = self._named(found[column.index])
            chosen.update(slugs)
            if reason:
                side.keep(column, found[column.index], reason)
        return ",".join(sorted(chosen)) or None

    def _named(self, text: str) -> tuple[list[str], str]:
        """The slugs of the topics that a cell names, and which word is not a topic; few files have many such cells."""
        known = self._chosen_before.get(text)
        if known is None:
            words = unescape_formula(text).replace('"', "").translate(SEPARATORS).split(",")
            slugs, reason = list[str](), ""
            for word in filter(None, map(str.strip, words)):
                try:
                    slugs.append(self._topic(word))
                except Invalid as error:
                    reason = reason or str(error)
            known = (slugs, reason)
            if len(self._chosen_before) < MAX_REMEMBERED:
                self._chosen_before[text] = known
        return known

    def _topic(self, word: str) -> str:
        slug = self._topics.get(word.lower())
        if slug is None:
            near = get_close_matches(word.lower(), self._topics, 1)
            hint = f". Did you mean “{near[0]}”?" if near else ""
            raise Invalid(f"“{word[:60]}” is not a topic of this list{hint}")
        return slug

    def _pause(self, found: Cells, standing: ImportStatus) -> str | None:
        """Until when the person asked for no emails. Not a side value: a pause that is not understood is a no."""
        if self._paused is None:
            return None
        try:
            return day(found[self._paused.index], self._paused.title) or None
        except Invalid:
            if standing is ImportStatus.ACTIVE:
                raise
            return None

    def _joined_at(self, text: str, title: str) -> datetime | None:
        text = text.strip()
        if not text or NO_TIME.fullmatch(text):
            return None
        moment = read_time(text)
        if moment is None:
            raise Invalid(f"{title} is not a date that we can read. Write it as 2026-01-31")
        if moment.year < EARLIEST:
            raise Invalid(f"{title} says {text[:40]}, and nobody joined then")
        if moment > self._now + ZONES_DIFFER:
            raise Invalid(f"{title} says {text[:40]}, which is in the future")
        return min(moment, self._now)


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith((".", "?")) else ".")


def _has_others(columns: column_mapping.ColumnMapping) -> bool:
    return any(
        column.target not in {"address", "first_name", "last_name", "ignore"} for column in columns.columns
    )


def _is_simple(name: str) -> bool:
    return not name or (name.isascii() and name.isalnum() and len(name) <= cell.LONGEST_NAME)
