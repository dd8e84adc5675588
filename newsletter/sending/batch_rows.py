"""Batches as rows: each has a number of its own within its mailing, and takes its recipients over from another."""

from collections.abc import Sequence

from django.db.models import Max

from newsletter.sending.models import Batch, Mailing, Recipient

# SQLite takes some thousand parameters in one statement.
IDS_A_STATEMENT = 1_000


def open_batch(
    mailing_id: int, recipients: Sequence[int], *, attempts: int = 0, first: bool = False
) -> Batch:
    """A new waiting batch of the mailing that takes these recipients over. Inside a transaction."""
    # Numbers are given one at a time on PostgreSQL; on SQLite there is only one writer.
    attempts = max(attempts, hold_mailing(mailing_id).attempts_from)
    last = Batch.objects.filter(mailing=mailing_id).aggregate(last=Max("number"))["last"] or 0
    batch = Batch.objects.create(mailing_id=mailing_id, number=last + 1, attempts=attempts, first=first)
    for start in range(0, len(recipients), IDS_A_STATEMENT):
        Recipient.objects.filter(pk__in=recipients[start : start + IDS_A_STATEMENT]).update(batch=batch)
    return batch


def hold_mailing(mailing_id: int) -> Mailing:
    """The mailing as it is now, for this transaction alone.

    Whoever also locks a batch of it that waits asks for the mailing first, as a stop does.
    """
    return Mailing.objects.select_for_update(of=("self",)).get(pk=mailing_id)
