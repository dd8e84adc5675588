"""Claims a batch within the sending limits: the transaction that claims it also acquires the allowance for it.

Otherwise another process could find no allowance left in between, and defer the mailing because of an allowance that
nobody then used.
"""

from datetime import timedelta

from django.utils import timezone

from newsletter.sending.claim_batch import Claim, claim_batch
from newsletter.sending.defer_mailing import defer_mailing
from newsletter.sending.limits.throttle import (
    Allowance,
    Throttled,
    acquire,
    clamp_future_send_records,
    is_limited,
    return_unused,
)
from newsletter.sending.models import Mailing
from newsletter.sending.transport import Transport
from newsletter.sending_settings.current import sending_settings
from subscribers.wait_by_steady_clock import wait

# We sleep through a wait as short as this, outside any transaction. A longer one defers the mailing.
SHORT = timedelta(seconds=2)
SHORT_WAITS = 3


class _LimitReachedError(Exception):
    """Undoes a claim that has no allowance."""

    def __init__(self, limit: Throttled) -> None:
        self.limit = limit


def claim_within_limits(batch_id: int, transport: Transport) -> tuple[Claim, Allowance] | None:
    """Claim as much of a batch as may be sent now. None if it is not due, belongs to another process or is deferred."""
    if not is_limited(sending_settings()):
        claim = claim_batch(batch_id, transport)
        return (claim, Allowance()) if claim else None
    for waits in range(SHORT_WAITS + 1):
        try:
            return _claimed(batch_id, transport)
        except _LimitReachedError as found:
            limit = found.limit
            # The correction was undone with the claim.
            clamp_future_send_records(timezone.now())
        remaining = limit.until - timezone.now()
        if remaining > SHORT or waits == SHORT_WAITS:
            _defer_batch(batch_id, limit)
            return None
        wait(max(remaining.total_seconds(), 0.0))
    return None


def _claimed(batch_id: int, transport: Transport) -> tuple[Claim, Allowance] | None:
    granted = Allowance()

    def reserved(wanted: int) -> int | None:
        nonlocal granted
        if not wanted:
            return None
        answer = acquire(wanted)
        if isinstance(answer, Throttled):
            raise _LimitReachedError(answer)
        granted = answer
        return answer.count

    try:
        claim = claim_batch(batch_id, transport, room_for=reserved)
    except _LimitReachedError:
        raise
    except Exception:
        return_unused(granted)
        raise
    return (claim, granted) if claim else None


def _defer_batch(batch_id: int, limit: Throttled) -> None:
    mailing = Mailing.objects.filter(batches=batch_id).values_list("pk", flat=True).first()
    if mailing is not None:
        defer_mailing(mailing, limit.until, limit.reason)
