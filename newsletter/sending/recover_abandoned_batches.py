"""Notices batches whose process died or whose lease ended: nobody knows whether their recipients received the email."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from newsletter.sending import process_liveness
from newsletter.sending.bisect_rejections import choose_next_batch
from newsletter.sending.claim_batch import lease_seconds, recipients_in_doubt
from newsletter.sending.ledger import close_batch, close_mailing_if_done, mark_started
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.open_batches import LEASES
from newsletter.sending.transports import transport_named
from newsletter.steady_clock import steady_seconds

OUTCOME_LOST = "The sending process stopped before it recorded the outcome."


def recover_abandoned_batches() -> int:
    """Mark recipients as unknown if the process that posted them died or its lease ended; return the batch count.

    Recipients whose message was certainly not started wait again. A lease ends by the system clock, or when this
    process has seen it unchanged for longer than it lasts: otherwise a clock that was set back could keep it for a day.
    Ending a lease too early does no harm, because nobody in an unknown batch is mailed without evidence. A mailing
    whose process died just before closing it is closed.
    """
    posting = list(Batch.objects.filter(state=Batch.State.POSTING).select_related("mailing"))
    unmoved = _leases.unmoved(posting)
    recovered = sum(_give_up(batch) for batch in posting if batch.pk in unmoved or _is_over(batch))
    if recovered:
        process_liveness.remove_ended()
    for narrowed in Mailing.objects.filter(suspect__isnull=False, state=Mailing.State.SENDING):
        choose_next_batch(narrowed.pk)
    open_batches = Batch.objects.filter(mailing=OuterRef("pk")).exclude(state=Batch.State.ANSWERED)
    for mailing in Mailing.objects.filter(~Exists(open_batches), finished_at=None):
        close_mailing_if_done(mailing.pk)
    return recovered


def _is_over(batch: Batch) -> bool:
    lapsed = batch.lease_until is None or batch.lease_until <= timezone.now()
    return lapsed or process_liveness.has_ended(batch.owner)


class LeasesSeen:
    """The leases that this process has seen, and since when, by the monotonic clock."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, int, datetime | None], float] = {}
        self._looking = Lock()

    def unmoved(self, posting: Sequence[Batch]) -> set[int]:
        """Return those of all posting batches whose lease was not renewed for longer than it lasts."""
        with self._looking:
            now = steady_seconds()
            self._since = {key: self._since.get(key, now) for key in map(self._key, posting)}
            return {
                batch.pk
                for batch in posting
                if now - self._since[self._key(batch)]
                > lease_seconds(transport_named(batch.mailing.transport))
            }

    @staticmethod
    def _key(batch: Batch) -> tuple[int, int, datetime | None]:
        return batch.pk, batch.attempts, batch.lease_until


_leases = LeasesSeen()


def _give_up(batch: Batch) -> bool:
    with transaction.atomic():
        same = LEASES.held(batch, state=Batch.State.POSTING, lease_until=batch.lease_until)
        posting = same.select_for_update().first()
        if posting is None:
            return False
        if recipients_in_doubt(posting).update(state=Recipient.State.UNKNOWN, reason=OUTCOME_LOST):
            mark_started(posting.mailing_id)
        close_batch(posting)
    close_mailing_if_done(batch.mailing_id)
    return True
