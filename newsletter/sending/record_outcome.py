"""Commits one outcome of a post: the states of its recipients, of their batch, and of their mailing.

Nearly every outcome is one accepted message or one accepted batch: record_message_by_message.py and
record_whole_batch.py write those in fewer statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Value, When
from django.utils import timezone

from newsletter.sending import deferred_recipients
from newsletter.sending.bisect_rejections import divide_rejected_batch
from newsletter.sending.claim_batch import Claim
from newsletter.sending.enqueue_batches import enqueue_due_batches
from newsletter.sending.ledger import (
    mark_started,
    record_no_such_mailbox,
    set_batch_state_of_unknown,
    set_recipients_state,
)
from newsletter.sending.models import Batch, Recipient, Variant
from newsletter.sending.open_batches import LEASES, lock_mailing
from newsletter.sending.outcomes import (
    Accepted,
    NotSent,
    Outcome,
    RecipientsOutcome,
    Rejected,
    RejectedWhole,
    Skipped,
    Unknown,
)
from newsletter.sending.proven_duplicates import (
    close_given_up_batches,
    note_acceptance,
    note_earlier_acceptance,
)
from newsletter.sending.record_message_by_message import record_accepted
from newsletter.sending.record_whole_batch import record_whole_batch
from newsletter.steady_clock import steady_seconds
from subscribers.clean_text import on_one_line

State = Recipient.State


@dataclass(frozen=True, slots=True)
class DividedBatch:
    """A batch that was rejected as a whole was divided: how many were rejected, and how many are waiting."""

    rejected: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ClosedBatch:
    """Everybody in a batch was accepted, and the batch is closed."""

    outcome: RecipientsOutcome


def record_outcome(
    claim: Claim, outcome: RecipientsOutcome
) -> RecipientsOutcome | DividedBatch | ClosedBatch:
    """Commit one outcome and return what was recorded.

    A late outcome counts too: it may arrive after the lease of the attempt ended.
    """
    answer = outcome.answer
    if not outcome.recipients:
        return outcome
    if isinstance(answer, RejectedWhole):
        narrowed = _divide_rejected(claim, outcome.recipients, answer)
        if narrowed is not None:
            return narrowed
        # Too late to divide the batch, but certainly nobody received it: the recipients wait for another post.
        answer = NotSent(answer.reason, everybody=False)
        outcome = RecipientsOutcome(outcome.recipients, answer)
    noted, lasts = steady_seconds(), timedelta(seconds=claim.post.lease.seconds)
    if (plain := _record_plainly(claim, outcome, lasts)) is not None:
        claim.post.lease.renew(noted=noted)
        return plain
    state, reason = state_and_reason(answer, claim.batch)
    reason = on_one_line(reason)
    changes = _changes(claim, outcome, reason, lasts)
    with transaction.atomic():
        _begin(claim, state)
        batch = claim.batch
        this_attempt = LEASES.held(batch)
        ours = bool(this_attempt.filter(state=Batch.State.POSTING).update(**changes))
        if ours:
            if state is State.ACCEPTED:
                note_acceptance(
                    batch.mailing_id, outcome.recipients, batch_id=batch.pk, attempt=batch.attempts
                )
            _mark(claim, outcome, state, reason, personal=_is_personal(answer))
            record_no_such_mailbox(outcome)
        else:
            lock_mailing(batch.mailing_id)
            if state is State.ACCEPTED:
                note_earlier_acceptance(outcome.recipients, batch_id=batch.pk, attempt=batch.attempts)
            if this_attempt.update(**changes) or state is State.ACCEPTED:
                _mark(claim, outcome, state, reason, late=True)
            close_given_up_batches(outcome.recipients)
    if ours:
        claim.post.lease.renew(noted=noted)
    else:
        claim.post.lease.end()
    return outcome


def state_and_reason(answer: Outcome, batch: Batch) -> tuple[Recipient.State, str]:
    """Return the recipient state for an outcome, and the reason to store."""
    match answer:
        case Accepted():
            return State.ACCEPTED, ""
        case Rejected(reason=reason):
            return State.REJECTED, reason
        case Skipped(reason):
            return State.SKIPPED, reason
        case Unknown(reason=reason):
            return State.UNKNOWN, reason
        case NotSent(reason=reason, everybody=False, ours=False) if deferred_recipients.deferred_too_long(
            batch
        ):
            return (
                State.REJECTED,
                f"We stopped trying after {deferred_recipients.GIVEN_UP_AFTER.days} days. {reason}",
            )
        case NotSent(reason=reason) | RejectedWhole(reason=reason):
            return State.WAITING, reason


def _record_plainly(
    claim: Claim, outcome: RecipientsOutcome, lasts: timedelta
) -> RecipientsOutcome | ClosedBatch | None:
    """Record one accepted message, or a batch that was accepted as a whole, as nearly every outcome is.

    Returns None, and writes nothing, if the outcome changes more than that.
    """
    batch, answer = claim.batch, outcome.answer
    if not isinstance(answer, Accepted) or not batch.variant.content_accepted or batch.mailing.late_after:
        return None
    if batch.current_recipient is not None:
        until = timezone.now() + lasts
        alone = len(outcome.recipients) == 1
        return (
            outcome
            if alone and record_accepted(batch, outcome.recipients[0], answer, lease_until=until)
            else None
        )
    # Nobody was moved from the batch, and nobody was rejected.
    whole = len(outcome.recipients) == len(claim.post.envelopes)
    return ClosedBatch(outcome) if whole and record_whole_batch(batch, answer) else None


def _changes(claim: Claim, outcome: RecipientsOutcome, reason: str, lasts: timedelta) -> dict[str, Any]:
    """Return the fields of the batch that an outcome changes."""
    changes: dict[str, Any] = {"lease_until": timezone.now() + lasts, "reason": reason}
    if claim.batch.current_recipient is not None:
        # The recipient of this outcome is no longer in doubt, but another recipient's message may be on its way.
        known = When(current_recipient__in=outcome.recipients, then=Value(0))
        changes["current_recipient"] = Case(
            known, default=F("current_recipient"), output_field=BigIntegerField()
        )
    if isinstance(outcome.answer, Accepted) and outcome.answer.message_id:
        changes["message_id"] = outcome.answer.message_id
    return changes


def _divide_rejected(claim: Claim, recipients: Sequence[int], answer: RejectedWhole) -> DividedBatch | None:
    """Divide a rejected batch in one commit. Returns None if another process now owns the batch."""
    with transaction.atomic():
        lock_mailing(claim.batch.mailing_id)
        if not LEASES.held(claim.batch, state=Batch.State.POSTING).exists():
            return None
        rejected = divide_rejected_batch(claim.batch.pk, recipients, answer)
    return DividedBatch(rejected, len(recipients) - rejected)


def _is_personal(answer: Outcome) -> bool:
    return isinstance(answer, Rejected) and answer.personal


def _begin(claim: Claim, state: Recipient.State) -> None:
    if state is State.ACCEPTED and not claim.batch.variant.content_accepted:
        unaccepted = Variant.objects.filter(pk=claim.batch.variant_id, content_accepted=False)
        if unaccepted.update(content_accepted=True):
            enqueue_due_batches()
    if claim.batch.mailing.late_after is not None and state in {State.ACCEPTED, State.UNKNOWN}:
        mark_started(claim.batch.mailing_id)


def _mark(
    claim: Claim,
    outcome: RecipientsOutcome,
    state: Recipient.State,
    reason: str,
    *,
    personal: bool = False,
    late: bool = False,
) -> None:
    if not late and not personal and len(outcome.recipients) == len(claim.post.envelopes):
        # Nobody was moved from the batch, so one condition replaces a list of a thousand IDs.
        set_batch_state_of_unknown(claim.batch, state=state, reason=reason)
    elif state is State.ACCEPTED:
        # Whatever their state is now, they have the email and must not be sent it again.
        set_recipients_state(outcome.recipients, of=list(State), state=state)
    else:
        # Recipients who were moved since may be in another post by now, about which this says nothing.
        set_recipients_state(
            outcome.recipients,
            of=[State.WAITING, State.UNKNOWN],
            state=state,
            reason=reason,
            batch=claim.batch,
            personal=personal,
        )
