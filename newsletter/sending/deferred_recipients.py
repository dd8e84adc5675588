"""People whose own mailbox or server asks to come back later: they wait longer each time, for some days, and alone.

A sender should try for four to five days before it gives up, and longer apart as time goes by (RFC 5321, section
4.5.4.1). Only answers about a person count here, never what hindered a whole mailing.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from newsletter.sending.models import Batch, Recipient
from newsletter.sending.open_batches import open_batch
from subscribers.backoff import doubling

GIVEN_UP_AFTER = timedelta(days=4)
# A clock that was set forward must not end it early.
DEFERRALS_AT_LEAST = 12
BACKOFF = doubling(timedelta(minutes=5), timedelta(hours=4), jitter=0.25)


def deferred_too_long(batch: Batch) -> bool:
    """Whether those in a batch were deferred for so long that they are given up when they are deferred again."""
    since = batch.deferred_since
    return (
        since is not None
        and batch.deferrals >= DEFERRALS_AT_LEAST
        and timezone.now() - since >= GIVEN_UP_AFTER
    )


def defer_recipients(batch: Batch, recipients: Sequence[int], *, at_least: float) -> None:
    """Let recipients of a batch wait, at least so many seconds, apart from those who were not deferred.

    Inside a transaction that locks the batch, which is concluded afterwards.
    """
    theirs = Recipient.objects.filter(batch=batch)
    waiting = list(
        theirs.filter(pk__in=recipients, state=Recipient.State.WAITING).values_list("pk", flat=True)
    )
    if not waiting:
        return
    # The rest of a first share must not wait for days for those whose mailbox is full.
    apart = open_batch(batch.mailing_id, waiting, variant=batch.variant_id, attempts=batch.attempts)
    now = timezone.now()
    Batch.objects.filter(pk=apart.pk).update(
        not_before=now + BACKOFF.wait(batch.deferrals + 1, asked=at_least),
        posted_at=batch.posted_at,
        deferrals=batch.deferrals + 1,
        deferred_since=batch.deferred_since or now,
    )
