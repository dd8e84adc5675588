"""Detect what a file of people is: its delimiter, headings, language and service."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from subscribers.errors import Invalid
from subscribers.imports.column_aliases import (
    field_of,
    language_of,
    name_of_language,
)
from subscribers.imports.column_mapping import ColumnMapping
from subscribers.imports.csv_records import Cells, CsvRecords, UnreadableRow
from subscribers.imports.find_table import TableLines, find_table
from subscribers.imports.service_presets import recognise
from subscribers.imports.suggest_columns import is_address, suggest_columns

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ROWS_LOOKED_AT = 200
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
        ColumnMapping(suggest_columns(headings, below, preset)),
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
            "read. Open the file in a spreadsheet, check that each person has their own row, and save it as CSV."
        )
    if len(cells) > MAX_COLUMNS:
        raise Invalid(
            f"The first row has {len(cells):,} cells. The maximum is {MAX_COLUMNS:,} columns. Remove the "
            "columns that you do not need."
        )


def _has_headings(rows: Sequence[Cells]) -> bool:
    """Whether the first row is not a person. A person with a misspelt address is refused, not taken for headings."""
    if any(map(is_address, rows[0])):
        return False
    return not any("@" in cell for cell in rows[0]) or "address" in map(field_of, rows[0])


def _cells_below(headings: Sequence[str], people: Sequence[Cells]) -> list[list[str]]:
    """The cells of the first rows by column, without those that are empty."""
    return [
        [row[at].strip() for row in people if at < len(row) and row[at].strip()]
        for at in range(len(headings))
    ]
