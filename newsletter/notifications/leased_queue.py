"""A lease-based queue: a process claims a row by moving its `due_at`, and only that process can settle the row."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail
from newsletter.instance.guard import may_send
from newsletter.notifications.models import Notification, NotificationMail, State, WebhookDelivery
from subscribers.leases import Leases, unchanged

LEASES = Leases("due_at")
Row = TypeVar("Row", NotificationMail, WebhookDelivery, AccountMail)
Delivery = TypeVar("Delivery", NotificationMail, WebhookDelivery)


def without_quarantined(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Leave out what a copied or restored database must not send: all but the notification that it is quarantined."""
    return rows if may_send() else rows.filter(notification__kind=Notification.Kind.QUARANTINED)


def due(rows: QuerySet[Row], longest_waits: Sequence[timedelta]) -> QuerySet[Row]:
    """Return the waiting rows that are due now, oldest first.

    `longest_waits` is how long a row can wait after each number of attempts, starting with 0. A row that would wait
    longer is due, because the machine's clock was set back after its time was worked out.
    """
    may_go = LEASES.due(timezone.now(), longest_waits)
    return rows.filter(may_go, state=State.WAITING).order_by("due_at", "pk")


def claim(row: Row, lease: timedelta) -> bool:
    """Claim a row for this process until the lease ends. Return whether the row was still free."""
    until = timezone.now() + lease
    if not LEASES.claim(unchanged(row, "due_at").filter(state=State.WAITING), until):
        return False
    row.due_at, row.attempts = until, row.attempts + 1
    return True


def settle(row: Row, state: State, **fields: Any) -> None:
    """Record the final state of a claimed row, unless another process has claimed the row since."""
    _ours(row).update(state=state, done_at=timezone.now(), **fields)


def put_off(row: Row, until: datetime, **fields: Any) -> None:
    """Let a claimed row wait until a later time."""
    _ours(row).update(due_at=until, **fields)


def put_off_others(rows: QuerySet[Row], until: datetime) -> None:
    """Let all due rows wait that nobody has claimed, because they would fail as the claimed row just did."""
    rows.filter(state=State.WAITING, due_at__lte=timezone.now()).update(due_at=until)


def _ours(row: Row) -> QuerySet[Row]:
    return LEASES.held(row, state=State.WAITING)
