"""A queue of rows with leases (leases.py): which are due, claiming one, and letting it wait until later.

A row has the time at which it is due (`due_at`) and the number of times it was claimed (`attempts`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

from subscribers.leases import Leases, unchanged

LEASES = Leases("due_at")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class LeasedQueue:
    """A queue. Its rows wait while they have the values of `waiting` or, if there are none, while they exist."""

    waiting: Mapping[str, Any] = field(default_factory=dict)

    def due(
        self, rows: QuerySet[Row], longest_waits: Sequence[timedelta], *, now: datetime | None = None
    ) -> QuerySet[Row]:
        """Return the waiting rows that are due now, oldest first.

        `longest_waits` is how long a row can wait after each number of attempts, starting with 0. A row that would
        wait longer is due, because the machine's clock was set back after its time was worked out.
        """
        may_go = LEASES.due(now or timezone.now(), longest_waits)
        return rows.filter(may_go, **self.waiting).order_by("due_at", "pk")

    def claim(self, row: Any, lease: timedelta) -> bool:
        """Claim a row for this process until the lease ends. Return whether the row was still free."""
        until = timezone.now() + lease
        if not LEASES.claim(unchanged(row, "due_at").filter(**self.waiting), until):
            return False
        row.due_at, row.attempts = until, row.attempts + 1
        return True

    def held(self, row: Row) -> QuerySet[Row]:
        """Return a claimed row, or nothing if another process has claimed it since."""
        return LEASES.held(row, **self.waiting)

    def put_off(self, row: Model, until: datetime, **fields: Any) -> None:
        """Let a claimed row wait until a later time."""
        self.held(row).update(due_at=until, **fields)

    def put_off_others(self, rows: QuerySet[Row], until: datetime) -> None:
        """Let all due rows wait that nobody has claimed, because they would fail as the claimed row just did."""
        rows.filter(due_at__lte=timezone.now(), **self.waiting).update(due_at=until)
