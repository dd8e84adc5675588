"""Pasted recipients, as the “To” field of a mail program has them: several people on a line, with or without names."""

import csv
import io
import re

from subscribers.imports.address_cells import addresses_in
from subscribers.imports.column_aliases import field_of
from subscribers.imports.status_at_other_service import is_word_for_no
from subscribers.imports.texts_that_say_no import name_says_no

# Commas and semicolons within quotation marks or angle brackets belong to a name or an address.
SEMICOLON = re.compile(r'(?:"[^"]*"|<[^<>]*>|[^;"<]|["<])+')
COMMA = re.compile(r'(?:"[^"]*"|<[^<>]*>|[^,"<]|["<])+')


def recipients_as_csv(text: str) -> tuple[str, int]:
    """Return the recipients in a text as CSV with one column, and how many there are.

    What cannot be read stands at the end, so that it is refused and named. A table, and a text with anything that does
    not belong to an address, stays as it is, with the number 0.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or _is_table(lines):
        return text, 0
    found, unreadable = list[str](), list[str]()
    for line in lines:
        if not _read_line(line, found, unreadable):
            return text, 0
    if not found:
        return text, 0
    rows = io.StringIO(newline="")
    csv.writer(rows, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [each] for each in found + unreadable
    )
    return rows.getvalue(), len(found)


def _is_table(lines: list[str]) -> bool:
    """Whether the lines have tabs or headings, or several columns of which the same has the only address."""
    if any("\t" in line for line in lines):
        return True
    rows = [[cell.strip() for cell in re.split("[,;|]", line)] for line in lines]
    if any(field_of(cell) == "address" for cell in rows[0]):
        return True
    places = {tuple("@" in cell for cell in row) for row in rows}
    return len(places) == 1 and len(rows[0]) > 1 and sum(places.pop()) == 1 and "<" not in lines[0]


def _read_line(line: str, found: list[str], unreadable: list[str]) -> bool:
    """Add the recipients of a line, and what cannot be read. Return False if some text belongs to no address."""
    if "@" not in line:
        unreadable.append(line.strip())
        return True
    for part in SEMICOLON.findall(line):
        name = list[str]()
        for piece in filter(None, map(str.strip, COMMA.findall(part))):
            if "@" not in piece:
                name.append(piece)
            else:
                people = _people(name, piece)
                if people is None:
                    return False
                (found if people else unreadable).extend(people or [", ".join([*name, piece])])
                name = []
        if name:
            return False
    return True


def _people(name: list[str], piece: str) -> list[str] | None:
    """Return the addresses of a piece, none if it cannot be read, and None if it is unclear what stands before it."""
    people = addresses_in(piece)
    if not name or not people:
        return people
    whole = ", ".join(name).replace('"', "")
    is_bare = "<" not in piece
    if name_says_no(whole) or is_word_for_no(whole) or len(people) > 1 or (is_bare and len(name) > 1):
        return None
    return [f'"{whole}" <{people[0]}>'] if is_bare else addresses_in(f"{whole}, {piece}")
