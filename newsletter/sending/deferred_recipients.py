"""Defers people whose own mailbox or server asks us to try again later: longer each time, for days, and separately.

A sender should try for four to five days before it gives up, at growing intervals (RFC 5321, section 4.5.4.1). Only
replies about a person count here, never a problem of the whole mailing.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from newsletter.sending.models import Batch, Recipient
from newsletter.sending.open_batches import open_batch
from subscribers.backoff import doubling

GIVEN_UP_AFTER = timedelta(days=4)
# A clock that was set forward must not end the attempts early.
DEFERRALS_AT_LEAST = 12
BACKOFF = doubling(timedelta(minutes=5), timedelta(hours=4), jitter=0.25)


def deferred_too_long(batch: Batch) -> bool:
    """Return whether the recipients of a batch were deferred for so long that we give up at the next deferral."""
    since = batch.deferred_since
    return (
        since is not None
        and batch.deferrals >= DEFERRALS_AT_LEAST
        and timezone.now() - since >= GIVEN_UP_AFTER
    )


def defer_recipients(batch: Batch, recipients: Sequence[int], *, at_least: float) -> None:
    """Defer recipients of a batch for at least `at_least` seconds, separately from those who were not deferred.

    Call inside a transaction that locks the batch and closes it afterwards.
    """
    theirs = Recipient.objects.filter(batch=batch)
    waiting = list(
        theirs.filter(pk__in=recipients, state=Recipient.State.WAITING).values_list("pk", flat=True)
    )
    if not waiting:
        return
    # Not part of the canary batch: the other recipients must not wait for days because of a full mailbox.
    apart = open_batch(batch.mailing_id, waiting, variant=batch.variant_id, attempts=batch.attempts)
    now = timezone.now()
    Batch.objects.filter(pk=apart.pk).update(
        not_before=now + BACKOFF.wait(batch.deferrals + 1, asked=at_least),
        posted_at=batch.posted_at,
        deferrals=batch.deferrals + 1,
        deferred_since=batch.deferred_since or now,
    )
