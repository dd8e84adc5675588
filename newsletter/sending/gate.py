"""Lets recipients of a batch go, as many as the pace allows, before the batch is claimed."""

import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from newsletter.sending.claims import due_batches
from newsletter.sending.ledger import hold
from newsletter.sending.models import Recipient
from newsletter.sending.pace import Grant, is_limited, reserve

# A wait as short as this is slept through, outside any transaction; a longer one is written to the mailing.
SHORT = timedelta(seconds=2)
SHORT_WAITS = 3


def let_go(batch_id: int) -> Grant | None:
    """How many of a batch may go now. None: nobody; its mailing then waits, and says why and until when."""
    if not is_limited(settings.NEWSLETTER):
        return Grant()
    for waits in range(SHORT_WAITS + 1):
        mailing = due_batches().filter(pk=batch_id).values_list("mailing_id", flat=True).first()
        wanted = Recipient.objects.filter(batch=batch_id, state=Recipient.State.WAITING).count()
        if mailing is None or not wanted:
            return Grant()
        answer = reserve(wanted)
        if isinstance(answer, Grant):
            return answer
        wait = answer.until - timezone.now()
        if wait > SHORT or waits == SHORT_WAITS:
            hold(mailing, answer.until, answer.reason)
            return None
        time.sleep(max(wait.total_seconds(), 0.0))
    return None
