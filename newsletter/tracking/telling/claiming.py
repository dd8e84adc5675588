"""One row of a queue is for one process: claimed by moving its time on, settled only by who claimed it."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, QuerySet
from django.utils import timezone

from newsletter.scheduling.residence import at_home
from newsletter.tracking.telling.models import HookDelivery, NoticeMail, State

Row = TypeVar("Row", NoticeMail, HookDelivery)


def due(rows: QuerySet[Row]) -> QuerySet[Row]:
    """What waits and may be done now, the oldest first. From a copied or restored database nothing goes."""
    if not at_home():
        return rows.none()
    return rows.filter(state=State.WAITING, due_at__lte=timezone.now()).order_by("due_at", "pk")


def claim(row: Row, lease: timedelta) -> bool:
    """Take a row for this process until the lease ends; whether it was still to be had."""
    until = timezone.now() + lease
    free = type(row)._default_manager.filter(pk=row.pk, state=State.WAITING, due_at=row.due_at)  # noqa: SLF001 - Django's name
    if not free.update(due_at=until, attempts=F("attempts") + 1):
        return False
    row.due_at, row.attempts = until, row.attempts + 1
    return True


def settle(row: Row, state: State, **fields: Any) -> None:
    """Say what became of a claimed row, unless somebody else has claimed it since."""
    _ours(row).update(state=state, done_at=timezone.now(), **fields)


def put_off(row: Row, until: datetime, **fields: Any) -> None:
    """Let a claimed row wait."""
    _ours(row).update(due_at=until, **fields)


def _ours(row: Row) -> QuerySet[Any]:
    rows = type(row)._default_manager  # noqa: SLF001 - Django's name
    return rows.filter(pk=row.pk, state=State.WAITING, attempts=row.attempts)
