"""Leases: how one process at a time works on a row that several processes may take.

1. Claim: a process moves the row's time forward by compare-and-set, so that only one of two that try succeeds. Each
   claim also counts as an attempt.
2. Work: the process writes through `held`, which finds the row only while nobody else has claimed it since.
3. Give up: settle the row, or set its time to the next attempt.

If a process dies, the time of its claim passes, and then the row is due again. A row that would stay claimed for longer
than any claim lasts is due, too: the machine's clock was set back since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet

# Maximum difference between the clocks of two machines that we consider correct.
CLOCKS_DIFFER = timedelta(minutes=1)
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one kind of row: the names of its fields for the time and, if claims are counted, for their
    number.
    """

    time: str
    attempts: str = "attempts"

    def claim(self, rows: QuerySet[Row], until: datetime, **changes: Any) -> bool:
        """Claim the row that `rows` finds until a moment, making the changes with it. Return False if no row was
        found.

        The conditions of `rows` must no longer hold once the row is claimed: its time as it was read
        (`unchanged`), or a state that `changes` replaces.
        """
        if self.attempts:
            changes[self.attempts] = F(self.attempts) + 1
        return bool(rows.update(**{self.time: until}, **changes))

    def held(self, row: Row, **conditions: Any) -> QuerySet[Row]:
        """Return the row as this process claimed it. Empty if another process has claimed it since."""
        mine = {self.attempts: getattr(row, self.attempts)}
        return _rows_like(row).filter(pk=row.pk, **mine, **conditions)

    def due(self, now: datetime, longest_waits: Sequence[timedelta]) -> Q:
        """Return the condition that a row may be claimed now.

        `longest_waits` gives the longest wait by number of claims, beginning with none.
        """
        has_come = Q(**{f"{self.time}__lte": now})
        for attempts, longest in enumerate(longest_waits):
            has_come |= Q(**{self.attempts: attempts}) & self.too_far_ahead(now, longest)
        return has_come

    def too_far_ahead(self, now: datetime, longest: timedelta) -> Q:
        """Return the condition that a row's time was computed before the machine's clock was set back."""
        return Q(**{f"{self.time}__gt": now + longest + CLOCKS_DIFFER})


def unchanged(row: Row, *fields: str) -> QuerySet[Row]:
    """Return the row if these fields are still as they were when it was read."""
    return _rows_like(row).filter(pk=row.pk, **{field: getattr(row, field) for field in fields})


def _rows_like(row: Row) -> QuerySet[Row]:
    return type(row)._default_manager.all()  # noqa: SLF001 - Django's name for it
