"""Batches as rows: each has a number of its own within its mailing, and takes its recipients over from another."""

from collections.abc import Iterable, Sequence

from django.db.models import Max
from django.utils import timezone

from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.database import locked, portions
from subscribers.leases import Leases

LEASES = Leases("lease_until")
# Why those who still waited when their mailing was stopped do not get it.
STOPPED = "stopped"


def open_batch(
    mailing_id: int, recipients: Sequence[int], *, variant: int, attempts: int = 0, first: bool = False
) -> Batch:
    """A new waiting batch of the mailing that takes over these recipients of a variant. Inside a transaction.

    Of a mailing that was stopped meanwhile, nothing waits any more: the stop cannot have seen this batch.
    """
    # Numbers are given one at a time on PostgreSQL; on SQLite there is only one writer.
    mailing = lock_mailing(mailing_id)
    attempts = max(attempts, mailing.attempts_offset)
    last = Batch.objects.filter(mailing=mailing_id).aggregate(last=Max("number"))["last"] or 0
    batch = Batch.objects.create(
        mailing_id=mailing_id, variant_id=variant, number=last + 1, attempts=attempts, first=first
    )
    for some in portions(recipients):
        Recipient.objects.filter(pk__in=some).update(batch=batch)
    if mailing.state == Mailing.State.STOPPED:
        waiting = Recipient.objects.filter(batch=batch, state=Recipient.State.WAITING)
        waiting.update(state=Recipient.State.SKIPPED, reason=STOPPED)
        batch.state, batch.answered_at = Batch.State.ANSWERED, timezone.now()
        batch.save(update_fields=["state", "answered_at"])
    return batch


def open_batches(
    mailing_id: int, recipients: Iterable[tuple[int, int]], size: int, *, first: bool = False
) -> None:
    """New waiting batches of at most so many that take over recipients, given with the variant that each has.

    Inside a transaction.
    """
    of_variants: dict[int, list[int]] = {}
    for recipient, variant in recipients:
        of_variants.setdefault(variant, []).append(recipient)
    for variant, theirs in sorted(of_variants.items()):
        for some in portions(theirs, size):
            open_batch(mailing_id, sorted(some), variant=variant, first=first)


def lock_mailing(mailing_id: int) -> Mailing:
    """The mailing as it is now, for this transaction alone.

    Whoever also locks a batch of it that waits asks for the mailing first, as a stop does.
    """
    return locked(Mailing.objects.all(), mailing_id)
