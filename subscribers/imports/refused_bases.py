"""Refuses the rows of a person on a lawful basis that another row of the file rules out.

If a row shows that somebody’s details are older than another row says, or came from another organisation, the other row
must not count on its own.
"""

from itertools import groupby

from subscribers import raw_sql
from subscribers.imports.import_report import ImportReport
from subscribers.imports.stage_or_refuse_row import RejectedRow, sentence
from subscribers.imports.staging_tables import BATCH, REFUSED_BASES, ROWS
from subscribers.imports.staging_tables import FIRST_REFUSED_BASES as FIRST
from subscribers.models import Basis

COLUMNS = ("key", "basis", "row_number", "reason")
# The first two rows of each person that rule out a basis. For every row of theirs, one of the two is another row. If
# all of them were compared with each other, a person with many rows would take their number squared.
FIRST_TWO = f"""SELECT key, basis, row_number, reason FROM (
    SELECT key, basis, row_number, reason,
        dense_rank() OVER (PARTITION BY key, basis ORDER BY row_number) AS place FROM {REFUSED_BASES}
) ranked WHERE place <= 2"""
# The rows of a person who has another row that rules out their basis. A row does not rule out itself.
RULED_OUT = f"{FIRST} b WHERE b.key = r.key AND b.basis = r.basis AND b.row_number <> r.row_number"


class RefusedBases:
    """Collects which lawful bases a row rules out for a person, and why."""

    def __init__(self) -> None:
        self._batch: list[tuple[str, str, int, str]] = []
        self._is_any = False

    @property
    def are_any(self) -> bool:
        """Whether any row rules out a basis."""
        return self._is_any

    def note(self, key: str, basis: Basis, row: int, reason: str) -> None:
        """Note that a row rules out a basis for the person with this key."""
        self._batch.append((key, basis.value, row, reason))
        self._is_any = True
        if len(self._batch) >= BATCH:
            self._store()

    def refuse_other_rows(self, report: ImportReport) -> int:
        """Refuse the staged rows of people that have a basis that another row rules out. Return how many."""
        if not self._is_any:
            return 0
        self._store()
        raw_sql.execute(f"CREATE TEMPORARY TABLE {FIRST} AS {FIRST_TWO}")
        raw_sql.execute(f"CREATE INDEX {FIRST}_key ON {FIRST} (key, basis)")
        found = raw_sql.rows(
            f"""SELECT r.row_number, b.row_number, b.reason FROM {ROWS} r, {RULED_OUT} AND r.standing IS NULL
            ORDER BY r.row_number, b.row_number"""
        )
        refused = 0
        for row, reasons in groupby(found, key=lambda each: each[0]):
            _row, other, reason = next(reasons)
            report.refuse(RejectedRow(row, sentence(f"row {other} has the same address, and {reason}"), []))
            refused += 1
        if refused:
            raw_sql.execute(
                f"DELETE FROM {ROWS} AS r WHERE r.standing IS NULL AND EXISTS (SELECT 1 FROM {RULED_OUT})"
            )
        return refused

    def _store(self) -> None:
        raw_sql.load(REFUSED_BASES, COLUMNS, self._batch)
        self._batch = []
