"""Detect what a file of people is: its delimiter, headings, language, service, and what each column means."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from subscribers.errors import Invalid
from subscribers.imports.address_cells import addresses_in, is_about_addresses
from subscribers.imports.column_aliases import (
    attribute_name,
    field_of,
    is_whole_name_alone,
    language_of,
    name_of_language,
    plain_words,
)
from subscribers.imports.column_doubts import could_speak
from subscribers.imports.column_mapping import ONCE, Column, ColumnMapping
from subscribers.imports.consent_headings import is_about_confirmation, is_about_places, meaning_of
from subscribers.imports.csv_records import Cells, CsvRecords, UnreadableRow
from subscribers.imports.find_table import TableLines, find_table
from subscribers.imports.parse_times import could_be_two, read_time
from subscribers.imports.service_presets import Preset, recognise
from subscribers.imports.status_at_other_service import NO_TIME, status_of

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ROWS_LOOKED_AT = 200
ENOUGH_TIMES = 0.9
PLACES_TOO = frozenset(("state", "estado", "stato", "etat", "zustand", "toestand", "stan", "tillstand"))
MAX_COLUMNS = 1_000
LONGEST_FIRST_ROW = 100_000
# Excel reads, and some programs write, the delimiter as a first line of its own: `sep=;`.
DELIMITER_LINE = re.compile(r"sep=([^\w\s\"]|\t)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DetectedFormat:
    """What the beginning of a file shows. `first_rows` are the first people, unchanged; `table` is where they are."""

    delimiter: str
    has_headings: bool
    service: str
    language: str
    mapping: ColumnMapping
    first_rows: tuple[Cells, ...]
    table: TableLines = field(default_factory=TableLines)

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.mapping.columns)


def detect_format(lines: Sequence[str], *, delimiter: str = "") -> DetectedFormat:
    """Look at the first lines of a file. Raises Invalid if it has no text or its first row cannot be read."""
    if not any(line.strip() for line in lines):
        raise Invalid("The file is empty.")
    said = DELIMITER_LINE.fullmatch(lines[0])
    lines = list(without_delimiter_line(lines))
    table = find_table(lines, DELIMITERS)
    lines = list(table.within(lines))
    delimiter = delimiter or (said[1] if said else _delimiter(lines))
    _require_first_row(lines, delimiter)
    rows = _rows(lines, delimiter)
    if not rows:
        raise Invalid(
            "We could not read the beginning of the file as CSV. Open it in a spreadsheet and save it as CSV."
        )
    has_headings = _has_headings(rows)
    width = len(rows[0]) if has_headings else max(map(len, rows))
    headings = [cell.strip() for cell in rows[0]] if has_headings else [""] * width
    people = rows[1:] if has_headings else rows
    below = _cells_below(headings, people)
    preset = recognise(headings, below)
    language = language_of(headings)
    return DetectedFormat(
        delimiter,
        has_headings,
        preset.name if preset else "",
        name_of_language(language),
        ColumnMapping(_columns(headings, below, preset)),
        tuple(people[:5]),
        table,
    )


def without_delimiter_line(lines: Iterable[str]) -> Iterator[str]:
    """Return the lines. A first line that only names the delimiter becomes blank, so that rows keep their numbers."""
    rest = iter(lines)
    first = next(rest, "")
    return chain(("\n" if DELIMITER_LINE.fullmatch(first) else first,), rest)


def _delimiter(lines: Sequence[str]) -> str:
    """The one by which the largest share of the first rows has the same number of cells, of at least two.

    A share, since a wrong delimiter makes more rows of one whose quoted cells hold line ends.
    """
    best, score = ",", (0.0, 0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in _rows(lines[:50], delimiter))
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(0, 0))
        share = count / widths.total() if count else 0.0
        if width > 1 and (share, count, width) > score:
            best, score = delimiter, (share, count, width)
    return best


def _rows(lines: Sequence[str], delimiter: str) -> list[Cells]:
    width = len(_first_row(lines, delimiter) or [])
    found: list[Cells] = []
    for _row, cells in CsvRecords(lines, delimiter, width=width):
        if not isinstance(cells, UnreadableRow) and any(map(str.strip, cells)):
            found.append(cells)
        if len(found) == ROWS_LOOKED_AT:
            break
    return found


def _first_row(lines: Sequence[str], delimiter: str) -> Cells | None:
    """The cells of the first row that is not blank; None where it cannot be read with this delimiter."""
    first = next((line for line in lines if line.strip()), "")
    try:
        return next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error:
        return None


def _require_first_row(lines: Sequence[str], delimiter: str) -> None:
    row = next((line for line in lines if line.strip()), "")
    cells = _first_row(lines, delimiter)
    if len(row) > LONGEST_FIRST_ROW or cells is None:
        raise Invalid(
            f"The first row is longer than {LONGEST_FIRST_ROW:,} characters or has a cell that we cannot "
            "read. Open the file in a spreadsheet, check that each person has a row, and save it as CSV."
        )
    if len(cells) > MAX_COLUMNS:
        raise Invalid(
            f"The first row has {len(cells):,} cells. The maximum is {MAX_COLUMNS:,} columns. Remove the "
            "columns that you do not need."
        )


def _has_headings(rows: Sequence[Cells]) -> bool:
    """Whether the first row is not a person. A person with a misspelt address is refused, not taken for headings."""
    if any(map(_is_address, rows[0])):
        return False
    return not any("@" in cell for cell in rows[0]) or "address" in map(field_of, rows[0])


def _cells_below(headings: Sequence[str], people: Sequence[Cells]) -> list[list[str]]:
    """The cells of the first rows by column, without those that are empty."""
    return [
        [row[at].strip() for row in people if at < len(row) and row[at].strip()]
        for at in range(len(headings))
    ]


def _columns(headings: Sequence[str], cells: list[list[str]], preset: Preset | None) -> tuple[Column, ...]:
    targets = [_target(heading, cells[at], preset) for at, heading in enumerate(headings)]
    targets = _one_address(targets, headings, cells)
    targets = _whole_names(targets, headings)
    has_places = any(is_about_places(heading) for heading in headings)
    columns = [
        _column(at, headings[at], target, cells[at], preset=preset, has_places=has_places)
        for at, target in enumerate(_without_doubles(targets, headings))
    ]
    return tuple(_with_times_of_consent(columns, cells))


def _with_times_of_consent(columns: list[Column], cells: Sequence[Sequence[str]]) -> list[Column]:
    """Where no column says when people joined, the first with the times of their consent does so too."""
    if any(column.target == "joined" for column in columns):
        return columns
    for at, column in enumerate(columns):
        said = _consent_by_time(column)
        if said is not None and _are_times(cells[at]):
            joined = replace(column, target="joined", consent_too=said, is_in_doubt=False)
            return [*columns[:at], joined, *columns[at + 1 :]]
    return columns


def _are_times(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are times that we can read. Of days such as 03/04/2025, too few are."""
    times = sum(bool(read_time(cell) or NO_TIME.fullmatch(cell)) for cell in cells)
    return bool(cells) and times >= ENOUGH_TIMES * len(cells)


def _consent_by_time(column: Column) -> str | None:
    """The field about consent that a time in this column answers, empty for none; None if it is not about consent."""
    if column.target in {"subscribed", "confirmed"}:
        return column.target
    if column.target == "attribute:opted_in_at":
        return ""
    if column.target.startswith("attribute:") and is_about_confirmation(column.heading):
        return "confirmed"
    return None


def _column(
    at: int, heading: str, target: str, cells: Sequence[str], *, preset: Preset | None, has_places: bool
) -> Column:
    is_free = target == "ignore" or target.startswith("attribute:")
    is_understood = heading.startswith("attribute:") or bool(preset and preset.decides(heading))
    words = preset.words.get(plain_words(heading), {}) if preset and target == "status" else {}
    return Column(
        at + 1,
        heading,
        target,
        is_in_doubt=is_free and not is_understood and could_speak(heading, cells, has_places=has_places),
        is_understood=(is_free and is_understood and not (preset and preset.holds_free_text(heading)))
        or bool(preset and plain_words(heading) in preset.reasons),
        is_blank=not cells,
        words=tuple(words.items()),
    )


def _target(heading: str, cells: Sequence[str], preset: Preset | None) -> str:
    if preset and (target := preset.target_of(heading)):
        return target
    if heading.startswith("attribute:") and heading[10:].strip():
        return heading  # as our own export writes it
    if plain_words(heading) == "attributes" and cells and _are_most(_is_json_object, cells):
        return "json"
    known = field_of(heading)
    if known and _fits(known, heading, cells):
        return known
    if not known and (meaning := meaning_of(heading)):
        return meaning
    return f"attribute:{name}" if (name := attribute_name(heading)) else "ignore"


def _fits(known: str, heading: str, cells: Sequence[str]) -> bool:
    """Whether the cells of a column are what its heading says."""
    if known == "status":
        # “State” may be a place. A status of which no word is known may say that people left.
        is_plain = plain_words(heading) not in PLACES_TOO
        return is_plain or not cells or any(map(status_of, cells))
    if known == "joined":
        times = [cell for cell in cells if not NO_TIME.fullmatch(cell)]
        return _are_most(read_time, times) and not any(map(could_be_two, times))
    if known == "address":
        # A heading such as “E-mail” or “Courriel” is believed; “Address” may be a street.
        return plain_words(heading) != "address" or not cells or any(map(_is_address, cells))
    return True


def _are_most(is_so: Callable[[str], object], cells: Sequence[str]) -> bool:
    """Whether this is true of at least half of the cells. The others are kept as attributes."""
    return 2 * sum(map(bool, map(is_so, cells))) >= len(cells)


def _is_json_object(cell: str) -> bool:
    return cell.lstrip("'").startswith("{")


def _one_address(targets: list[str], headings: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    if "address" in targets:
        return targets
    counts = [sum(map(_is_address, column)) for column in cells]
    named = [at for at, count in enumerate(counts) if count and is_about_addresses(headings[at])]
    if named:
        targets[named[0]] = "address"
    elif any(counts):
        targets[counts.index(max(counts))] = "address"
    return targets


def _whole_names(targets: list[str], headings: Sequence[str]) -> list[str]:
    """In “Nom, Prénom” and “Nome, Cognome”, a name beside half a name is the other half."""
    if "first_name" in targets and not {"name", "last_name"} & set(targets):
        at = targets.index("first_name")
        targets[at] = "name" if is_whole_name_alone(headings[at]) else "first_name"
    if "name" in targets:
        if "last_name" in targets and "first_name" not in targets:
            targets[targets.index("name")] = "first_name"
        elif "first_name" in targets and "last_name" not in targets:
            targets[targets.index("name")] = "last_name"
    return targets


def _without_doubles(targets: Sequence[str], headings: Sequence[str]) -> list[str]:
    """The first column of a field keeps it. The others become attributes with a number."""
    taken: set[str] = set()
    found = []
    for target, heading in zip(targets, headings, strict=True):
        if target in taken and (target in ONCE or ":" in target):
            name = target.partition(":")[2] or attribute_name(heading) or target
            number = 2
            while f"attribute:{name}_{number}" in taken:
                number += 1
            found.append(f"attribute:{name}_{number}")
        else:
            found.append(target)
        taken.add(found[-1])
    return found


def _is_address(cell: str) -> bool:
    return bool(addresses_in(cell))
