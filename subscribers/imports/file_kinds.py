"""Files that are not CSV: workbooks and contact cards become CSV before they are read, others are refused by name."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from subscribers.errors import Invalid
from subscribers.imports.address_cells import addresses_in
from subscribers.imports.guess_encoding import guess_encoding
from subscribers.imports.limited_workbook_process import workbook_as_csv
from subscribers.imports.read_workbook import SAVE_AS_CSV, ZIP
from subscribers.imports.vcards import rows_of_cards

HEAD = 4_096
MAX_WORKBOOK = 50_000_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
        return workbook_as_csv(_all_of(whole), sheet), True
    if sheet:
        raise Invalid("The file is not a workbook, so it has no sheets. Leave out the sheet name.")
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
            f"The file is larger than {MAX_WORKBOOK // 1_000_000} MB. Save it as CSV, which can be any size."
        )
    return data


def _csv(rows: Iterable[Sequence[str]]) -> io.BytesIO:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        # One line for each row, so that rows keep their numbers.
        writer.writerow([" ".join(cell.splitlines()) for cell in row])
    return io.BytesIO(text.getvalue().encode("utf-8", "replace"))
