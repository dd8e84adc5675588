"""The downloadable file of an import: every row that was left out, why, and its cells as they came."""

import csv
from collections.abc import Sequence
from typing import TextIO

from subscribers import raw_sql
from subscribers.csv_safety import escape_formula
from subscribers.imports.stage_or_refuse_row import RejectedRow
from subscribers.imports.staging_tables import EVERYBODY, LEFT_OUT, ROWS

ROWS_SHOWN = 10
WHY = {
    "suppressed": (
        "The address is suppressed, because emails to it bounced, its owner complained, or it was blocked or erased."
    ),
    "left": "This person has unsubscribed.",
}


class ImportReport:
    """Counts the rows that are left out and writes them as CSV if there is a file to write to."""

    def __init__(self, file: TextIO | None, headings: Sequence[str]) -> None:
        self._writer = csv.writer(file) if file else None
        self.refused = 0
        self.first: list[RejectedRow] = []
        self._write("row", "reason", *headings)

    def refuse(self, refused: RejectedRow) -> None:
        """Add a row that cannot be used."""
        self.refused += 1
        if len(self.first) < ROWS_SHOWN:
            self.first.append(refused)
        self._write(refused.row, refused.reason, *refused.cells)

    def name_the_rest(self) -> None:
        """Add the rows of people who are suppressed, have unsubscribed, or have another row that counts."""
        if self._writer is None:
            return
        self._write_all(f"SELECT row_number, outcome FROM {LEFT_OUT} ORDER BY row_number", WHY)
        self._write_all(
            f"""SELECT r.row_number, 'The same person is in row ' || p.row_number || ', which counts.'
            FROM {ROWS} r JOIN {EVERYBODY} p ON p.key = r.key
            WHERE p.row_number <> r.row_number ORDER BY r.row_number""",
            {},
        )

    def _write_all(self, query: str, sentences: dict[str, str]) -> None:
        for row, word in raw_sql.each(query):
            self._write(row, sentences.get(word, word))

    def _write(self, *cells: object) -> None:
        if self._writer:
            self._writer.writerow([escape_formula(cell) if isinstance(cell, str) else cell for cell in cells])
