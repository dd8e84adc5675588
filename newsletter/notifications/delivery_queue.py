"""One row of a queue is for one process: claimed by moving its time on, settled only by who claimed it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from newsletter.instance.guard import may_send
from newsletter.notifications.models import Notification, NotificationMail, State, WebhookDelivery
from subscribers.leases import Leases, unchanged

LEASES = Leases("due_at")
Row = TypeVar("Row", NotificationMail, WebhookDelivery)


def due(rows: QuerySet[Row], longest_waits: Sequence[timedelta]) -> QuerySet[Row]:
    """What waits and may be done now, the oldest first.

    From a copied or restored database nothing goes, but that a database has quarantined itself.

    `longest_waits` says how long a row may wait after so many attempts, beginning with none. One that would wait for
    longer is due: the machine's clock was set back since its time was worked out.
    """
    if not may_send():
        rows = rows.filter(notification__kind=Notification.Kind.QUARANTINED)
    may_go = LEASES.due(timezone.now(), longest_waits)
    return rows.filter(may_go, state=State.WAITING).order_by("due_at", "pk")


def claim(row: Row, lease: timedelta) -> bool:
    """Take a row for this process until the lease ends; whether it was still to be had."""
    until = timezone.now() + lease
    if not LEASES.claim(unchanged(row, "due_at").filter(state=State.WAITING), until):
        return False
    row.due_at, row.attempts = until, row.attempts + 1
    return True


def settle(row: Row, state: State, **fields: Any) -> None:
    """Say what became of a claimed row, unless somebody else has claimed it since."""
    _ours(row).update(state=state, done_at=timezone.now(), **fields)


def put_off(row: Row, until: datetime, **fields: Any) -> None:
    """Let a claimed row wait."""
    _ours(row).update(due_at=until, **fields)


def put_off_others(rows: QuerySet[Row], until: datetime) -> None:
    """Let all wait that nobody has claimed and that are due: they would meet what a claimed row has just met."""
    rows.filter(state=State.WAITING, due_at__lte=timezone.now()).update(due_at=until)


def _ours(row: Row) -> QuerySet[Row]:
    return LEASES.held(row, state=State.WAITING)
