"""Read lines of text as rows of cells, and name every row that cannot be read.

A quotation mark that is never closed spoils only its own row. Reading continues at the next line.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_LINES_OF_A_ROW = 100
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
REASONS = (
    ("field larger", "a cell is too long. The maximum is {limit:,} characters"),
    ("unexpected end", "a quotation mark has no closing quotation mark"),
    ("expected after", "there is a quotation mark inside a quoted cell. Write the quotation mark twice"),
)

HIDDEN = "a quoted cell has several lines, and one of them is an email address. Put the cell on one line"

Cells = list[str]


class UnreadableRow(NamedTuple):
    """A row that cannot be read: why, and the beginning of its text."""

    reason: str
    text: str


class CsvRecords:
    """The rows of a CSV text, each with the number of the line on which it begins, counted from 1."""

    def __init__(self, lines: Iterable[str], delimiter: str, *, width: int = 0, address_at: int = 0) -> None:
        """How many cells a row is expected to have and which is its address tells a runaway cell from a long note."""
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._width = width
        self._address_at = address_at
        self._taken: list[str] = []
        self._again: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, Cells | UnreadableRow]]:
        row = 1
        taken = self._taken
        while True:
            try:
                for cells in csv.reader(self._feed(), delimiter=self._delimiter, strict=True):
                    is_in_doubt = len(taken) > 1 and self._may_hide_people(cells)
                    if is_in_doubt and self._swallowed_a_row():
                        yield row, self._first_line_again("unexpected end")
                        row += 1
                        break
                    if (
                        is_in_doubt
                        and not self._holds_addresses(cells)
                        and (hidden := self._hidden_addresses())
                    ):
                        yield from (
                            (row + offset, UnreadableRow(HIDDEN, taken[offset][:200]))
                            for offset in (0, *hidden)
                        )
                    else:
                        yield row, cells
                    row += len(taken)
                    taken.clear()
                else:
                    return
            except csv.Error as error:
                found = self._first_line_again(str(error))
                yield row, found
                row += 1

    def _feed(self) -> Iterator[str]:
        taken, again = self._taken, self._again
        while len(taken) < MAX_LINES_OF_A_ROW:
            line = again.pop() if again else next(self._lines, None)
            if line is None:
                return
            taken.append(line)
            yield line

    def _first_line_again(self, trouble: str) -> Cells | UnreadableRow:
        """Return the first line on its own, and read the lines after it again."""
        line, *rest = self._taken
        self._again.extend(reversed(rest))
        self._taken.clear()
        if "expected after" in trouble:
            cells = self._alone(line)
            if len(cells) == self._width and not cells[-1].endswith("\n"):
                return cells
        reason = next(
            (text for sign, text in REASONS if sign in trouble),
            f"we could not read the row as CSV: {trouble}",
        )
        return UnreadableRow(reason.format(limit=csv.field_size_limit()), line[:200].rstrip("\n"))

    def _may_hide_people(self, cells: Cells) -> bool:
        """Whether a row of several lines is more than a note with line ends: it holds addresses, or too many cells."""
        return len(cells) != self._width or any("\n" in cell and "@" in cell for cell in cells)

    def _holds_addresses(self, cells: Cells) -> bool:
        """Whether the cell of the address has several lines, and each of them is an address of the same person."""
        if len(cells) != self._width or self._width == 1:
            return False
        lines = cells[self._address_at].split("\n")
        return len(lines) == len(self._taken) and all(ADDRESS.fullmatch(line.strip(" ,;")) for line in lines)

    def _swallowed_a_row(self) -> bool:
        """Whether one of the lines after the first is itself a row, so that a quotation mark must be missing."""
        return any(self._is_a_row(self._alone(line)) for line in self._taken[1:])

    def _is_a_row(self, cells: Cells) -> bool:
        if len(cells) == self._width:
            return any(ADDRESS.fullmatch(cell.strip()) for cell in cells)
        at = self._address_at
        return len(cells) > 1 and at < len(cells) and ADDRESS.fullmatch(cells[at].strip()) is not None

    def _hidden_addresses(self) -> list[int]:
        """Return the lines after the first that are only an address. They are people, or part of a note."""
        lines = enumerate(self._taken[1:], 1)
        return [offset for offset, line in lines if ADDRESS.fullmatch(line.strip())]

    def _alone(self, line: str) -> Cells:
        """Return the cells of one line. A cell that is not closed ends with the line."""
        try:
            return next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            return []
