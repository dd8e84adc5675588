"""How far the cells of an Excel workbook reach, found without reading the workbook.

A library that reads a sheet keeps every cell between the first and the last one, also the empty ones. One space in the
last cell of a sheet makes that 17 thousand million cells, from a file of 5 kB.
"""

import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

# A million rows of 24 columns. Each cell takes 32 bytes while a sheet is read.
MOST_CELLS = 25_000_000
SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
COLUMNS = re.compile(rb'\sr="([A-Z]{1,3})\d{1,7}"')
ROWS = re.compile(rb'\sr="[A-Z]{1,3}(\d{1,7})"')
# Cells that are only coloured do not count, nor do formulas without a result.
FILLED_CELLS = re.compile(
    rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>/]*>\s*'
    rb"(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?(?:v[^>]*>[^<]|is\b)"
)
CHUNK, OVERLAP = 1_000_000, 2_000


class Cell(NamedTuple):
    """A cell by its numbers, which count from 1."""

    row: int
    column: int

    @property
    def name(self) -> str:
        """The name that a spreadsheet program shows, such as “AB12”."""
        name, left = "", self.column
        while left:
            left, sign = divmod(left - 1, 26)
            name = chr(65 + sign) + name
        return f"{name}{self.row}"


def cells_too_far(workbook: zipfile.ZipFile) -> list[Cell]:
    """Return the one or two filled cells that make a sheet too large to read, or an empty list.

    They are the cells in the last row and in the last column of the sheet.
    """
    for name in workbook.namelist():
        if SHEETS.fullmatch(name) and _could_be_too_large(workbook, name):
            last_row, last_column = _last_cells(workbook, name)
            if last_row.row * last_column.column > MOST_CELLS:
                return sorted({last_row, last_column})
    return []


def _could_be_too_large(workbook: zipfile.ZipFile, name: str) -> bool:
    """Whether the cells of a sheet, also empty ones, reach too far."""
    rows, columns = 0, 0
    for chunk in _chunks(workbook, name):
        rows = max(rows, *map(int, set(ROWS.findall(chunk))), 0)
        columns = max(columns, *map(_number, set(COLUMNS.findall(chunk))), 0)
    return rows * columns > MOST_CELLS


def _last_cells(workbook: zipfile.ZipFile, name: str) -> tuple[Cell, Cell]:
    last_row = last_column = Cell(0, 0)
    for chunk in _chunks(workbook, name):
        for column, row in FILLED_CELLS.findall(chunk):
            cell = Cell(int(row), _number(column))
            last_row = max(last_row, cell)
            last_column = max(last_column, cell, key=lambda each: each.column)
    return (last_row, last_row) if last_row.column == last_column.column else (last_row, last_column)


def _number(column: bytes) -> int:
    number = 0
    for sign in column:
        number = number * 26 + sign - 64
    return number


def _chunks(workbook: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with workbook.open(name) as unpacked:
        end = b""
        while chunk := unpacked.read(CHUNK):
            yield end + chunk
            end = chunk[-OVERLAP:]
