"""Turns unknown into known, by evidence alone: what the way out can prove, or an editor's word, which is logged."""

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from newsletter.actors import Role, require
from newsletter.errors import NotFound, Refused
from newsletter.sending import presence
from newsletter.sending.answers import Accepted, NotSent, Outcome, RefusedWhole, Skipped, Unknown
from newsletter.sending.answers import Refused as RefusedPost
from newsletter.sending.batch_rows import hold_mailing
from newsletter.sending.claims import lease_seconds, trace_of
from newsletter.sending.ledger import begin, conclude, finish, mark, note
from newsletter.sending.models import Batch, Decision, Mailing, Recipient
from newsletter.sending.narrowing import move_on
from newsletter.sending.transports import transport_named
from newsletter.steady_clock import steady_seconds

State = Recipient.State
ANSWER_LOST = "The sending process ended before the answer was written down."


def recover() -> int:
    """Call every batch unknown whose process died while posting, or whose lease ran out; says how many were.

    A lease is over by the clock on the wall, or when this process has seen it stand unchanged for longer than it lasts:
    a clock that was set back would let it stand for a day. That it may be called over too early does no harm, since
    nobody of an unknown batch is mailed without evidence. A mailing whose process died just before its end is ended.
    """
    posting = list(Batch.objects.filter(state=Batch.State.POSTING).select_related("mailing"))
    unmoved = _leases.unmoved(posting)
    recovered = sum(_give_up(batch) for batch in posting if batch.pk in unmoved or _is_over(batch))
    if recovered:
        presence.sweep()
    for narrowed in Mailing.objects.filter(suspect__isnull=False, state=Mailing.State.SENDING):
        move_on(narrowed.pk)
    open_batches = Batch.objects.filter(mailing=OuterRef("pk")).exclude(state=Batch.State.ANSWERED)
    for mailing in Mailing.objects.filter(~Exists(open_batches), finished_at=None):
        finish(mailing.pk)
    return recovered


def settle_by_evidence(mailing_id: int | None = None) -> int:
    """Ask the ways out what they can prove about unknown batches; says how many recipients that settled."""
    unknown = Batch.objects.filter(state=Batch.State.UNKNOWN).select_related("mailing__issue__publication")
    if mailing_id is not None:
        unknown = unknown.filter(mailing=mailing_id)
    return sum(_ask(batch) for batch in unknown)


def settle_batch(mailing: Mailing, batch_id: int, *, accepted: bool, settled_by: str) -> int:
    """An editor's word on an unknown batch: it went, or it did not, so that it goes again. Says for how many.

    Raises NotFound, and Refused when the batch is not unknown.
    """
    require(Role.APPROVER, "Settling a batch")
    batch = mailing.batches.filter(pk=batch_id).first()
    if batch is None:
        raise NotFound(
            f"{mailing} has no batch {batch_id}: `newsletter mailings show` lists those that are open."
        )
    if batch.state != Batch.State.UNKNOWN:
        raise Refused(
            f"{batch} is {batch.get_state_display().lower()}: only an unknown batch can be settled."
        )
    recipients = _unknown_of(batch)
    answer = Accepted() if accepted else NotSent("An editor says that it did not go.")
    return apply_evidence(batch, [Outcome(recipients, answer)], settled_by)


def apply_evidence(batch: Batch, outcomes: Sequence[Outcome], settled_by: str) -> int:
    """Settle what the outcomes prove about recipients of a batch that are unknown, or wait again; says for how many.

    `batch` is as it was when the evidence was asked for, and the evidence is complete: nothing is asked in here. If it
    was posted again since, only what was accepted still holds.
    """
    settled, asked = 0, batch.attempts
    with transaction.atomic():
        hold_mailing(batch.mailing_id)
        batch = Batch.objects.select_for_update(of=("self",)).select_related("mailing").get(pk=batch.pk)
        for outcome in outcomes:
            if batch.attempts == asked or isinstance(outcome.answer, Accepted):
                settled += _apply(batch, outcome, settled_by)
        if settled and batch.state != Batch.State.POSTING:
            conclude(batch)
    finish(batch.mailing_id)
    return settled


def _apply(batch: Batch, outcome: Outcome, settled_by: str) -> int:
    match outcome.answer:
        case Accepted():
            state, reason, words = State.ACCEPTED, "", "got it"
        case NotSent(reason=reason):
            state, words = State.WAITING, "did not get it, and wait again"
        case RefusedPost(reason=reason) | RefusedWhole(reason=reason):
            state, words = State.REFUSED, "were refused"
        case Unknown() | Skipped():
            return 0
    if state is State.WAITING:
        # Whoever has left the batch since is in doubt for another post, about which this says nothing.
        settled = mark(outcome.recipients, of=[State.UNKNOWN], state=state, reason=reason, batch=batch)
    else:
        # Proof may come late, when those it is about wait again: they must not get a second one.
        settled = mark(outcome.recipients, of=[State.UNKNOWN, State.WAITING], state=state, reason=reason)
    if settled:
        sentence = f"{settled} unknown recipients of batch {batch.number} {words}."
        note(batch.mailing, Decision.Act.SETTLE, decided_by=settled_by, sentence=sentence, batch=batch)
    return settled


def _ask(batch: Batch) -> int:
    transport = transport_named(batch.mailing.transport)
    # All of it before anything is locked: a provider may take as long as it likes.
    outcomes = list(transport.evidence(trace_of(batch), _unknown_of(batch)))
    return apply_evidence(batch, outcomes, f"evidence of {transport.name}")


def _is_over(batch: Batch) -> bool:
    lapsed = batch.lease_until is None or batch.lease_until <= timezone.now()
    return lapsed or presence.is_gone(batch.owner)


class Leases:
    """Which leases this process has seen, and since when, by a clock that nobody sets."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, int, datetime | None], float] = {}
        self._looking = Lock()

    def unmoved(self, posting: Sequence[Batch]) -> set[int]:
        """The batches whose lease stands unchanged for longer than it lasts. These are all that are posting now."""
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


_leases = Leases()


def _give_up(batch: Batch) -> bool:
    with transaction.atomic():
        ours = Batch.objects.select_for_update().filter(
            pk=batch.pk, state=Batch.State.POSTING, attempts=batch.attempts, lease_until=batch.lease_until
        )
        posting = ours.first()
        if posting is None:
            return False
        waiting = Recipient.objects.filter(batch=posting, state=State.WAITING)
        if waiting.update(state=State.UNKNOWN, reason=ANSWER_LOST):
            begin(posting.mailing_id)
        conclude(posting)
    finish(batch.mailing_id)
    return True


def _unknown_of(batch: Batch) -> list[int]:
    unknown = Recipient.objects.filter(batch=batch, state=State.UNKNOWN)
    return list(unknown.order_by("pk").values_list("pk", flat=True))
