"""Put together the rows of a file that have the same address, so that a later row takes nothing away.

What a row says replaces what an earlier row said, an empty cell changes nothing, and the earliest date of joining
stays. Which row counts for the rest (a “no” before the last one) is decided by staging_tables.gather_people.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, NamedTuple

from subscribers import raw_sql
from subscribers.database import is_postgres
from subscribers.imports.staging_tables import BATCH, EVERYBODY, REPEATED, REPEATED_COLUMNS, ROWS
from subscribers.models import Basis
from subscribers.phrases import counted


class _Row(NamedTuple):
    """What a staged row says of a person."""

    key: str
    row_number: int
    first_name: str
    last_name: str
    locale: str
    zone: str
    attributes: str | None
    topics: str | None
    paused: Any
    basis: str | None
    basis_note: str | None
    joined: Any


@dataclass(slots=True)
class _Repeats:
    """How many rows repeat an address, and the first of them with the row before it."""

    count: int = 0
    first: int = 0
    earlier: int = 0

    def note(self, rows: list[_Row]) -> None:
        self.count += len(rows) - 1
        if not self.first or rows[1].row_number < self.first:
            self.earlier, self.first = rows[0].row_number, rows[1].row_number

    def sentences(self) -> list[str]:
        if not self.count:
            return []
        repeats = f"Row {self.first} repeats the address of row {self.earlier}"
        if self.count == 1:
            return [
                (
                    f"{repeats}. If a cell in row {self.first} is empty, we keep the value from row "
                    f"{self.earlier}."
                )
            ]
        rows = counted(self.count, "row repeats", "rows repeat")
        return [
            (
                f"{rows} the address of an earlier row. If a cell in the later row is empty, we keep the "
                f"earlier value. {repeats}."
            )
        ]


def put_repeated_rows_together() -> list[str]:
    """Give everybody who has several rows in the file what all of these rows say.

    Return a sentence about these rows for the report, or nothing if no address is repeated.
    """
    repeats = _Repeats()
    people = _people(repeats)
    while batch := list(islice(people, BATCH)):
        raw_sql.load(REPEATED, REPEATED_COLUMNS, batch)
    if repeats.count:
        values = ", ".join(f"{name} = r.{name}" for name in REPEATED_COLUMNS if name != "key")
        raw_sql.execute(f"UPDATE {EVERYBODY} AS e SET {values} FROM {REPEATED} r WHERE r.key = e.key")
    return repeats.sentences()


def _people(repeats: _Repeats) -> Iterator[tuple[Any, ...]]:
    rows = map(_Row._make, raw_sql.each(_query()))
    for key, of_person in groupby(rows, key=lambda row: row.key):
        together = list(of_person)
        repeats.note(together)
        yield (key, *_put_together(together))


def _query() -> str:
    # As text on SQLite, since Django would read it as a time without a zone.
    joined = "r.joined" if is_postgres() else "r.joined || ''"
    columns = ", ".join(joined if name == "joined" else f"r.{name}" for name in _Row._fields)
    collation = ' COLLATE "C"' if is_postgres() else ""
    return f"""SELECT {columns} FROM {ROWS} r
        JOIN (SELECT key FROM {ROWS} GROUP BY key HAVING count(*) > 1) several ON several.key = r.key
        ORDER BY r.key{collation}, r.row_number"""


def _put_together(rows: list[_Row]) -> tuple[Any, ...]:
    """Return the values of REPEATED_COLUMNS after the key. The rows are in the order of the file."""
    return (
        *(_last(row[at] for row in rows) or "" for at in range(2, 6)),
        _attributes([row.attributes for row in rows if row.attributes]),
        _last(row.topics for row in rows),
        _last(row.paused for row in rows),
        *_basis(rows),
        min((row.joined for row in rows if row.joined), default=None),
    )


def _basis(rows: list[_Row]) -> tuple[str | None, str | None]:
    """Return the basis and its note, which belong together: those of the last row with consent or, without consent,
    of the last row that has a basis.
    """
    said = [row for row in rows if row.basis]
    said = [row for row in said if row.basis == Basis.CONSENT] or said
    return (said[-1].basis, said[-1].basis_note) if said else (None, None)


def _last(values: Iterable[Any]) -> Any:
    """Return the last value that says something, or None."""
    return next(filter(None, reversed(list(values))), None)


def _attributes(documents: list[str]) -> str | None:
    if len(documents) < 2:  # noqa: PLR2004 - nothing to put together
        return documents[0] if documents else None
    together: dict[str, object] = {}
    for document in documents:
        together |= json.loads(document)
    return json.dumps(together)
