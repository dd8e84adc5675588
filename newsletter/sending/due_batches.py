"""Finds the batches that may be claimed now."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from newsletter.scheduling.release import grace
from newsletter.scheduling.send_in_readers_time_zone import window_name
from newsletter.sending import sending_sql
from newsletter.sending.models import Batch
from subscribers import raw_sql
from subscribers.leases import CLOCKS_DIFFER


class DueBatch(NamedTuple):
    """A batch that may be claimed, its mailing, and the name of the mailing's transport."""

    batch: int
    mailing: int
    transport: str


def due_batches() -> QuerySet[Batch]:
    """Return the batches that may be claimed now, in the order in which to send them."""
    # The state is part of the statement, so that if two processes claim at once, only one succeeds.
    is_due = RawSQL(sending_sql.IS_DUE, _due_now(), BooleanField())  # noqa: S611 - no part of it comes from outside
    return Batch.objects.filter(is_due).order_by("mailing_id", "number")


def next_due(mailing_id: int | None, at_most: int) -> list[DueBatch]:
    """Return the first of `due_batches`, of one mailing or of any. This is asked for each batch."""
    asked = _due_now() if mailing_id is None else [*_due_now(), mailing_id]
    query = sending_sql.NEXT_DUE if mailing_id is None else sending_sql.NEXT_DUE_OF_MAILING
    return [DueBatch(*row) for row in raw_sql.directly(query, [*asked, at_most]).fetchall()]


def claim_if_due(
    batch_id: int, *, lease_until: datetime, owner: str, current_recipient: int | None, boot: str
) -> bool:
    """Claim one of `due_batches`; return False if it is not due, or no longer. This is asked for each batch."""
    taken = [
        raw_sql.moment(lease_until),
        owner,
        raw_sql.moment(timezone.now()),
        current_recipient,
        boot,
        batch_id,
    ]
    return bool(raw_sql.directly(sending_sql.CLAIM_BATCH, [*taken, *_due_now()]).rowcount)


def _due_now() -> list[Any]:
    """Return the parameters of IS_DUE."""
    moment = timezone.now()
    now, future = raw_sql.moment(moment), raw_sql.moment(moment + CLOCKS_DIFFER)
    return [now, future, window_name(moment - grace()), now, future, now]
