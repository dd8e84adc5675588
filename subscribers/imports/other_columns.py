"""Reads the columns of a row that are neither the address nor half a name."""

import json
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from json.encoder import encode_basestring_ascii as quoted

from django.utils import timezone

from subscribers.csv_safety import unescape_formula
from subscribers.errors import Invalid
from subscribers.imports import clean_cells as cell
from subscribers.imports.column_aliases import field_of
from subscribers.imports.column_doubts import ColumnDoubts
from subscribers.imports.column_mapping import Column, ColumnMapping
from subscribers.imports.csv_records import Cells
from subscribers.imports.drop_unusable_values import RowSideValues
from subscribers.imports.joining_dates import JoiningDates
from subscribers.imports.older_dates import OlderDates
from subscribers.imports.parse_times import time_of_joining
from subscribers.imports.refused_bases import RefusedBases
from subscribers.imports.row_basis import BasisReader
from subscribers.imports.row_status import WEIGHTS, StandingReader
from subscribers.imports.stage_or_refuse_row import StagedRow
from subscribers.imports.status_at_other_service import ImportStatus, says_yes
from subscribers.imports.typed_cells import day, typed_attributes_of

MAX_REMEMBERED = 1_000
SEPARATORS = str.maketrans({";": ",", "|": ",", "\n": ","})


def _says_who_gave_details(column: Column) -> bool:
    """Whether a column says so. A file can have several, of which only the first is taken for that."""
    is_known = not column.is_understood and field_of(column.heading) == "collected_from"
    return column.target == "collected_from" or is_known


class OtherColumns:
    """The columns that are neither the address nor half a name."""

    def __init__(
        self, columns: ColumnMapping, topics: Mapping[str, str], doubts: ColumnDoubts, refused: RefusedBases
    ) -> None:
        def the(target: str) -> Column | None:
            return next((column for column in columns.columns if column.target == target), None)

        self._topics = topics
        self._name, self._locale, self._zone = the("name"), the("locale"), the("zone")
        self._paused = the("paused")
        self._joined = next((column for column in columns.columns if column.says_when_joined), None)
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
        self._standings = StandingReader(columns.columns, doubts, everyone=columns.everyone)
        dates = JoiningDates(columns.columns, self._now)
        self._bases = BasisReader(
            the("basis"),
            [column for column in columns.columns if _says_who_gave_details(column)],
            columns.on,
            dates=dates,
            older_dates=OlderDates(columns.columns),
            refused=refused,
            date_doubts=doubts.dates,
        )
        self._of_names = doubts.names
        self._doubts, self._watched = doubts, [(column, column.index) for column in doubts.watched]

    def look_for_doubts(self, found: Cells) -> None:
        """Note cells of columns that nobody understands and that could say that the person must not be emailed."""
        for column, at in self._watched:
            if found[at]:
                self._doubts.look_at(column, found[at])
        for column in self._of_names:
            if found[column.index]:
                self._doubts.look_at_name(column, found[column.index])

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
        basis, basis_note, joined = (
            self._bases.read(row, key, found, joined)
            if self._bases and standing is ImportStatus.ACTIVE
            else (None, None, joined)
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
            basis,
            basis_note,
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
            raise Invalid(f"“{word[:60]}” is not a topic on this list{hint}")
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

    def _joined_at(self, text: str, _title: str) -> datetime | None:
        try:
            return time_of_joining(
                text, self._now, day_first=self._joined.day_first if self._joined else None
            )
        except Invalid as reason:
            raise Invalid(f"{reason}. A new person then joins today") from None
