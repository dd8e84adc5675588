"""Creates batches: each has its own number within the mailing, and takes its recipients from other batches."""

from collections.abc import Iterable, Sequence

from django.db.models import Max
from django.utils import timezone

from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.database import locked, portions
from subscribers.leases import Leases

LEASES = Leases("lease_until")
# The reason for skipping recipients who were still waiting when their mailing was stopped.
STOPPED = "stopped"


def open_batch(
    mailing_id: int, recipients: Sequence[int], *, variant: int, attempts: int = 0, first: bool = False
) -> Batch:
    """Create a waiting batch of a mailing and move these recipients of a variant to it. Call inside a transaction.

    If the mailing was stopped meanwhile, the recipients are skipped, because the stop cannot have seen this batch.
    """
    # The lock gives out numbers one at a time on PostgreSQL; on SQLite there is only one writer.
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
    """Create waiting batches of at most `size` recipients, each given with its variant. Call inside a transaction."""
    of_variants: dict[int, list[int]] = {}
    for recipient, variant in recipients:
        of_variants.setdefault(variant, []).append(recipient)
    for variant, theirs in sorted(of_variants.items()):
        for some in portions(theirs, size):
            open_batch(mailing_id, sorted(some), variant=variant, first=first)


def lock_mailing(mailing_id: int) -> Mailing:
    """Lock a mailing for this transaction and return it as it is now.

    Code that also locks a waiting batch of the mailing must lock the mailing first, as a stop does.
    """
    return locked(Mailing.objects.all(), mailing_id)
