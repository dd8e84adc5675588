"""Read one sheet of a workbook (XLSX, XLS or ODS) as CSV.

Only limited_workbook_process.py calls this, in a process of its own: a workbook can make the library that reads it take
any amount of memory.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, BinaryIO

from subscribers.errors import Invalid
from subscribers.imports.sheet_extent import cells_too_far

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

ZIP = b"PK\x03\x04"
MAX_UNPACKED = 400_000_000
# A text can be in many cells, but only once in the file.
MAX_TEXT = 200_000_000
# Excel's (Office Open XML) and OpenDocument's.
PARTS_OF_WORKBOOKS = frozenset({"[Content_Types].xml", "mimetype", "xl/workbook.xml", "content.xml"})
SAVE_AS_CSV = "Open it in a spreadsheet program and save the sheet as CSV."
UNREADABLE = f"This looks like an Excel workbook, but we could not read it. {SAVE_AS_CSV}"
DAMAGED = f"This looks like an Excel workbook, but it is damaged. {SAVE_AS_CSV}"
ARCHIVE = (
    "This is a ZIP archive. Unpack it and import each file that contains people. Also import the files "
    "with people who unsubscribed or whose emails bounced."
)


class SeveralSheets(Invalid):
    """A workbook has several sheets with people, and nobody has said which one is meant: `sheets` are their names."""

    def __init__(self, sheets: Sequence[str]) -> None:
        self.sheets = list(sheets)
        names = ", ".join(f"“{name}”" for name in sheets)
        super().__init__(
            f"The workbook has several sheets: {names}. Import each sheet that contains people, including people who "
            f'unsubscribed: --sheet "{sheets[0]}".'
        )


def write_sheet_as_csv(data: bytes, sheet: str, output: BinaryIO) -> None:
    """Write the sheet with this name, or the only one with people, as CSV in UTF-8 with commas.

    Rows keep their numbers. Raises Invalid if the workbook cannot be read or is too large, and SeveralSheets.
    """
    # Loading the library takes time that a refused file does not need.
    _require_workbook_of_bearable_size(data)
    from python_calamine import CalamineError, PasswordError, load_workbook

    try:
        _write_rows(_rows_of(_chosen_sheet(load_workbook(io.BytesIO(data)), sheet)), output)
    except PasswordError:
        raise Invalid(
            "The workbook is protected by a password. Save it without a password, or as CSV."
        ) from None
    except CalamineError:
        raise Invalid(UNREADABLE) from None


def _require_workbook_of_bearable_size(data: bytes) -> None:
    if not data.startswith(ZIP):
        return
    try:
        workbook = zipfile.ZipFile(io.BytesIO(data))
        entries = workbook.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Invalid(DAMAGED) from None
    if any(entry.filename.endswith(".iwa") for entry in entries):
        raise Invalid("This is an Apple Numbers document. Export it as CSV, then import the CSV file.")
    if PARTS_OF_WORKBOOKS.isdisjoint(entry.filename for entry in entries):
        raise Invalid(ARCHIVE)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Invalid(
            f"The workbook is larger than {MAX_UNPACKED // 1_000_000} MB when unpacked. Save it as CSV."
        )
    try:
        far = cells_too_far(workbook)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        raise Invalid(DAMAGED) from None
    if far:
        names = " and ".join(cell.name for cell in far)
        these, rows = ("these cells", "rows and columns") if len(far) > 1 else ("this cell", "row and column")
        raise Invalid(
            f"A sheet has content as far away as {names}, which makes it too large to read. If {these} should be "
            f"empty, delete the {rows} and save the workbook again: a cell may contain a space. Otherwise, save the "
            "sheet as CSV."
        )


def _chosen_sheet(workbook: "CalamineWorkbook", wanted: str) -> "CalamineSheet":
    """Return the wanted sheet, or the only one that has addresses, or the only one that has anything."""
    filled, with_people = [], []
    for name in workbook.sheet_names:
        # Only one is in memory at a time.
        sheet = workbook.get_sheet_by_name(name)
        if not sheet.height:
            continue
        filled.append(name)
        if name == wanted or len(workbook.sheet_names) == 1:
            return _if_wanted(sheet, filled, wanted)
        if not wanted and any("@" in str(cell) for row in sheet.iter_rows() for cell in row if cell):
            with_people.append(name)
    candidates = with_people or filled
    if not wanted and len(candidates) > 1:
        raise SeveralSheets(candidates)
    return _if_wanted(
        workbook.get_sheet_by_name(candidates[0]) if candidates and not wanted else None, filled, wanted
    )


def _if_wanted(sheet: "CalamineSheet | None", filled: Sequence[str], wanted: str) -> "CalamineSheet":
    if not filled:
        raise Invalid("The workbook is empty.")
    if sheet is None or wanted not in {"", sheet.name}:
        names = ", ".join(f"“{name}”" for name in filled)
        raise Invalid(
            f"The workbook has no sheet called “{wanted}”, or that sheet is empty. Its sheets are {names}."
        )
    return sheet


def _rows_of(sheet: "CalamineSheet") -> Iterator[list[str]]:
    """Yield the rows from the first row and column of the sheet, even if these are empty."""
    _row, first_column = sheet.start or (0, 0)
    before = [""] * first_column
    for row in sheet.iter_rows():
        yield before + [cell if isinstance(cell, str) else _text(cell) for cell in row]


def _write_rows(rows: Iterator[list[str]], output: BinaryIO) -> None:
    text = io.TextIOWrapper(output, "utf-8", "replace", newline="")
    writer = csv.writer(text, lineterminator="\n")
    written = 0
    for row in rows:
        # One line for each row, so that rows keep their numbers.
        written += writer.writerow([" ".join(cell.splitlines()) if cell else "" for cell in row])
        if written > MAX_TEXT:
            raise Invalid(
                f"The sheet has more than {MAX_TEXT // 1_000_000} MB of text. Save it as CSV, which can be any size."
            )
    text.flush()
    text.detach()


def _text(cell: object) -> str:
    match cell:
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - a number that is exact
            return str(int(cell))
        case datetime():
            return cell.isoformat(sep=" ") if cell.time() != time() else cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return str(cell)
