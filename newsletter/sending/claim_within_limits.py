"""Claims a batch as the pace allows: the room for its recipients is taken in the transaction that claims it.

Otherwise another process could find no room left and let the mailing wait, between the two, for room that then nobody
used.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from newsletter.sending.claims import Claim, claim_batch
from newsletter.sending.ledger import hold
from newsletter.sending.limits.throttle import (
    Grant,
    Wait,
    date_no_departure_later,
    give_back,
    is_limited,
    reserve,
)
from newsletter.sending.models import Mailing
from newsletter.sending.transport import Transport

# A wait as short as this is slept through, outside any transaction; a longer one is written to the mailing.
SHORT = timedelta(seconds=2)
SHORT_WAITS = 3


class _NoRoomError(Exception):
    """Undoes a claim for which there is no room."""

    def __init__(self, wait: Wait) -> None:
        self.wait = wait


def claim_what_may_go(batch_id: int, transport: Transport) -> tuple[Claim, Grant] | None:
    """Claim as many of a batch as may go now. None: not due, another's, or its mailing waits and says until when."""
    if not is_limited(settings.NEWSLETTER):
        claim = claim_batch(batch_id, transport)
        return (claim, Grant()) if claim else None
    for waits in range(SHORT_WAITS + 1):
        try:
            return _claimed(batch_id, transport)
        except _NoRoomError as found:
            wait = found.wait
            # It was undone with the claim.
            date_no_departure_later(timezone.now())
        remaining = wait.until - timezone.now()
        if remaining > SHORT or waits == SHORT_WAITS:
            _hold(batch_id, wait)
            return None
        time.sleep(max(remaining.total_seconds(), 0.0))
    return None


def _claimed(batch_id: int, transport: Transport) -> tuple[Claim, Grant] | None:
    granted = Grant()

    def reserved(wanted: int) -> int | None:
        nonlocal granted
        if not wanted:
            return None
        answer = reserve(wanted)
        if isinstance(answer, Wait):
            raise _NoRoomError(answer)
        granted = answer
        return answer.count

    try:
        claim = claim_batch(batch_id, transport, room_for=reserved)
    except _NoRoomError:
        raise
    except Exception:
        give_back(granted)
        raise
    return (claim, granted) if claim else None


def _hold(batch_id: int, wait: Wait) -> None:
    mailing = Mailing.objects.filter(batches=batch_id).values_list("pk", flat=True).first()
    if mailing is not None:
        hold(mailing, wait.until, wait.reason)
