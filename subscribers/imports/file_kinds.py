"""Files that are not CSV: workbooks and contact cards become CSV before they are read, others are refused by name."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol

from subscribers.errors import Invalid
from subscribers.imports.address_cells import addresses_in
from subscribers.imports.guess_encoding import guess_encoding
from subscribers.imports.vcards import rows_of_cards

HEAD = 4_096
MAX_WORKBOOK = 50_000_000
MAX_UNPACKED = 400_000_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Excel's (Office Open XML) and OpenDocument's.
PARTS_OF_WORKBOOKS = frozenset({"[Content_Types].xml", "mimetype", "xl/workbook.xml", "content.xml"})
SAVE_AS_CSV = "Open it in a spreadsheet program and save the sheet as CSV."
UNUSABLE = (
    (b"%PDF", "This is a PDF document, which is not a list of people. Import a CSV file or a workbook."),
    (
        b"From ",
        (
            "This is a mailbox file, which is not a list of people. Export the contacts from your mail "
            "program instead."
        ),
    ),
    (b"{\\rtf", f"This is a text document. {SAVE_AS_CSV}"),
    (b"\x1f\x8b", "This is a compressed file. Unpack it and import the file inside."),
)
ARCHIVE = (
    "This is a ZIP archive. Unpack it and import each file that contains people. Also import the files "
    "with people who unsubscribed or whose emails bounced."
)
# What a text begins with that is not a table, however it is encoded.
UNUSABLE_TEXTS = (
    (
        re.compile(r"(version: 1\s+)?dn:{1,2} ", re.IGNORECASE),
        "This is an LDIF file. Export the address book as CSV or vCard instead.",
    ),
    (
        re.compile(r"\[\s*[\[{]|\{\s*[\"}]"),
        "This is a JSON file, which we do not import. Export the people as CSV instead.",
    ),
    (
        re.compile(r"<(!doctype|html|head|meta|table|\?xml|!--|workbook)\b", re.IGNORECASE),
        f"This is an HTML or XML page, even if its name ends in .xls or .csv. {SAVE_AS_CSV}",
    ),
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


class Readable(Protocol):
    """A binary stream that is read from its beginning."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `count` bytes; fewer only at the end."""
        ...


class _Rejoined:
    """A stream of which the beginning was read already."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            head, self._head = self._head, b""
            return head + self._rest.read()
        head, self._head = self._head[:size], self._head[size:]
        return head + self._rest.read(size - len(head)) if len(head) < size else head


def as_csv(stream: Readable, *, sheet: str = "") -> tuple[Readable, bool]:
    """Return the file as text, and whether it was converted to CSV in UTF-8 with commas.

    Raises Invalid for a file of another kind, a workbook that cannot be read, and one with several sheets of which
    `sheet` names none.
    """
    head = stream.read(HEAD)
    whole = _Rejoined(head, stream)
    if head.startswith((ZIP, OLE)):
        return _csv(_rows_of_workbook(_all_of(whole), sheet)), True
    if sheet:
        raise Invalid("Only a workbook has sheets. Remove the sheet name.")
    text = (
        head.decode(guess_encoding(head, is_cut=len(head) == HEAD), "replace").removeprefix("\ufeff").lstrip()
    )
    if text[:11].upper() == "BEGIN:VCARD":
        return _csv(rows_of_cards(_all_of(whole))), True
    for beginning, sentence in UNUSABLE:
        if head.startswith(beginning):
            raise Invalid(sentence)
    for pattern, sentence in UNUSABLE_TEXTS:
        if pattern.match(text):
            raise Invalid(sentence)
    if _may_be_line_of_addresses(text):
        return _line_of_addresses(_all_of(whole))
    return whole, False


def _may_be_line_of_addresses(text: str) -> bool:
    """Whether a text begins like the recipients of an email: several addresses in a line, or with display names."""
    line = text.partition("\n")[0]
    addresses = addresses_in(line.rpartition(";")[0] or line.rpartition(",")[0])
    return len(addresses) > 1 or (len(addresses) == 1 and "<" in line)


def _line_of_addresses(data: bytes) -> tuple[Readable, bool]:
    """Each address as a row, if the file holds nothing else and its lines are not rows of several columns."""
    text = data.decode(guess_encoding(data), "replace").removeprefix("\ufeff")
    lines = [line for line in text.splitlines() if line.strip()]
    people = [addresses_in(line) for line in lines]
    if all(people) and (len(lines) == 1 or "<" in text):
        return _csv([["email"], *([address] for found in people for address in found)]), True
    return io.BytesIO(data), False


def _all_of(stream: Readable) -> bytes:
    data = stream.read(MAX_WORKBOOK + 1)
    if len(data) > MAX_WORKBOOK:
        raise Invalid(
            f"The file is larger than {MAX_WORKBOOK // 1_000_000} MB. Save it as CSV, which can have "
            "any size."
        )
    return data


def _csv(rows: Iterable[Sequence[str]]) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        # One line for each row, so that rows keep their numbers.
        writer.writerow([" ".join(cell.splitlines()) for cell in row])
    return io.BytesIO(text.getvalue().encode("utf-8", "replace"))


def _rows_of_workbook(data: bytes, sheet: str) -> Iterator[list[str]]:
    # Loading the library takes time that most commands do not need.
    from python_calamine import CalamineError, PasswordError, load_workbook

    _require_workbook_of_bearable_size(data)
    try:
        workbook = load_workbook(io.BytesIO(data))
        sheets = {name: workbook.get_sheet_by_name(name) for name in workbook.sheet_names}
        tables = {name: one.to_python(skip_empty_area=False) for name, one in sheets.items() if one.height}
        rows = tables[_chosen_sheet(_with_addresses(tables, sheet), sheet)]
    except PasswordError:
        raise Invalid(
            "The workbook is protected by a password. Save it without a password, or as CSV."
        ) from None
    except CalamineError:
        raise Invalid(f"This looks like an Excel workbook, but we could not read it. {SAVE_AS_CSV}") from None
    return ([_text(cell) for cell in row] for row in rows)


def _require_workbook_of_bearable_size(data: bytes) -> None:
    if not data.startswith(ZIP):
        return
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Invalid(f"This looks like an Excel workbook, but it is damaged. {SAVE_AS_CSV}") from None
    if any(entry.filename.endswith(".iwa") for entry in entries):
        raise Invalid("This is an Apple Numbers document. Export it as CSV, then import the CSV file.")
    if PARTS_OF_WORKBOOKS.isdisjoint(entry.filename for entry in entries):
        raise Invalid(ARCHIVE)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Invalid(
            f"The workbook is larger than {MAX_UNPACKED // 1_000_000} MB when unpacked. Save it as CSV."
        )


def _with_addresses(tables: Mapping[str, Sequence[Sequence[object]]], wanted: str) -> list[str]:
    """The sheets that have people; all of them where a person names one, or none has an address."""
    found = [name for name, rows in tables.items() if any("@" in str(cell) for row in rows for cell in row)]
    return list(tables) if wanted or not found else found


def _chosen_sheet(filled: Sequence[str], wanted: str) -> str:
    names = ", ".join(f"“{name}”" for name in filled)
    if not filled:
        raise Invalid("The workbook is empty.")
    if wanted:
        if wanted not in filled:
            raise Invalid(
                f"The workbook has no sheet called “{wanted}”, or that sheet is empty. Its sheets are "
                f"{names}."
            )
        return wanted
    if len(filled) > 1:
        raise SeveralSheets(filled)
    return filled[0]


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
