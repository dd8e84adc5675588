"""The lines of a table within a text: without a title above the headings, and without quotes around whole lines."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from subscribers.imports.column_aliases import field_of

LINES_ABOVE = 30
LONGEST_HEADINGS = 20_000
FEWEST = 2  # cells of a row of headings, and lines by which a manner of quoting is known


@dataclass(frozen=True, slots=True)
class TableLines:
    """Where the table is: how many lines stand above its headings, and whether each line is one quoted cell."""

    above: int = 0
    is_quoted: bool = False

    def within(self, lines: Iterable[str]) -> Iterator[str]:
        """The lines of the table. Those above become blank, so that rows keep their numbers."""
        rest = iter(lines)
        blank = ["\n" for _line in zip(range(self.above), rest, strict=False)]
        return chain(blank, map(_without_quotes, rest) if self.is_quoted else rest)


def find_table(lines: Sequence[str], delimiters: Iterable[str]) -> TableLines:
    """Find the table in the first lines of a text."""
    filled = [line for line in lines if line.strip()]
    is_quoted = (
        len(filled) >= FEWEST
        and all(map(_is_quoted_whole, filled))
        and any(
            _has_address_heading(_without_quotes(line), each)
            for line in filled[:LINES_ABOVE]
            for each in delimiters
        )
    )
    return TableLines(
        _lines_above([*map(_without_quotes, lines)] if is_quoted else lines, delimiters), is_quoted
    )


def _lines_above(lines: Sequence[str], delimiters: Iterable[str]) -> int:
    """How many lines stand above a row with a heading for addresses, where none of them has an address itself."""
    for at, line in enumerate(lines[:LINES_ABOVE]):
        if "@" in line:
            return 0
        if any(_has_address_heading(line, each) for each in delimiters):
            return at
    return 0


def _has_address_heading(line: str, delimiter: str) -> bool:
    if len(line) > LONGEST_HEADINGS:
        return False
    cells = _cells(line, delimiter)
    return len(cells) >= FEWEST and any(field_of(cell) == "address" for cell in cells)


def _is_quoted_whole(line: str) -> bool:
    """Whether a line is one quoted cell, with every delimiter inside."""
    text = line.rstrip("\r\n")
    return text.startswith('"') and text.endswith('"') and len(_cells(text, ",")) == 1


def _without_quotes(line: str) -> str:
    cells = _cells(line, ",")
    return f"{cells[0]}\n" if len(cells) == 1 else line


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return []
