"""Sends one batch: claim it, commit that it is posting, post, commit what came back.

0. Be at home (instance/guard.py) and not older than what was sent (rollback_guard.py).
1. Claim: waiting → posting, by compare-and-set and with a lease (claims.py), as many as rates and a warm-up allow
   (claim_within_limits.py).
2. Post, while the lease stands (lease.py). Every outcome is committed as it comes and renews the lease. A database that
   is locked or away is waited for: it is no failure of the transport.
3. Close: whoever has no answer is unknown, if their message had begun to leave; whoever surely was not sent waits
   again, those apart who are to come back later (deferrals.py); a batch that was refused as a whole is divided
   (narrowing.py).

A process that dies in step 2 leaves the batch posting; `recover` in reconcile.py then calls those in doubt unknown.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.utils import timezone

from newsletter.durability import durable_commits, until_written
from newsletter.errors import Invalid
from newsletter.instance.guard import may_send
from newsletter.sending import deferrals, process_liveness
from newsletter.sending.batch_rows import LEASES, lock_mailing
from newsletter.sending.bisect_rejections import choose_next_batch, divide_rejected_batch
from newsletter.sending.claim_within_limits import claim_within_limits
from newsletter.sending.claims import Claim, recipients_in_doubt
from newsletter.sending.due_batches import due_batches
from newsletter.sending.duplicates import close_given_up_batches, note_acceptance, note_earlier_acceptance
from newsletter.sending.enqueue import enqueue_due_batches
from newsletter.sending.ledger import (
    close_batch,
    close_mailing_if_done,
    defer_mailing,
    mark_started,
    record_no_such_mailbox,
    set_batch_state_of_unknown,
    set_recipients_state,
)
from newsletter.sending.limits.throttle import return_unused
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Mailing, Recipient, Variant
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
from newsletter.sending.record_single_messages import record_accepted
from newsletter.sending.repeated_failures import describe_error
from newsletter.sending.rollback_guard import may_post
from newsletter.sending.transport import Transport, not_stopping
from newsletter.sending.transports import transport_named
from newsletter.steady_clock import steady_seconds
from subscribers.backoff import doubling
from subscribers.database import locked
from subscribers.text import on_one_line

log = logging.getLogger(__name__)

State = Recipient.State
# With jitter, so that processes do not come back together.
BACKOFF = doubling(timedelta(seconds=5), timedelta(minutes=10), jitter=0.25)
FAILURES_BEFORE_PAUSE = 12
# Of a server that asks to come back later, as at a daily limit: with the longest wait in between, more than two days.
FAILURES_BEFORE_PAUSE_AT_A_LIMIT = 300
CANDIDATES = 16
NO_OUTCOME_GIVEN = "The way out said nothing about this recipient."


@dataclass(frozen=True, slots=True)
class DividedBatch:
    """A batch that was refused as a whole was divided: so many were rejected, and so many wait."""

    rejected: int
    waiting: int


@dataclass(slots=True)
class PostResult:
    """What one post came to: recipients by state, those that wait again among them."""

    batch: int
    counts: dict[Recipient.State, int] = field(default_factory=dict)
    failure: NotSent | Unknown | None = None
    deferred: list[int] = field(default_factory=list)
    wait: float = 0.0
    is_closed: bool = False

    @property
    def settled(self) -> int:
        """How many recipients no longer wait."""
        return sum(count for state, count in self.counts.items() if state is not State.WAITING)

    @property
    def left(self) -> int:
        """How many recipients left, or perhaps did."""
        return sum(self.counts.get(state, 0) for state in (State.ACCEPTED, State.REJECTED, State.UNKNOWN))

    def add(self, state: Recipient.State, count: int) -> None:
        """Count recipients that came into a state."""
        self.counts[state] = self.counts.get(state, 0) + count


def send_next_batch(
    mailing_id: int | None = None, *, stopping: Callable[[], bool] = not_stopping
) -> PostResult | None:
    """Send one batch that is due, of one mailing or of any. None: there was none.

    `stopping`: whether this process was asked to end; messages of their own that have not begun then wait.
    """
    if not may_send():
        return None
    due = due_batches() if mailing_id is None else due_batches().filter(mailing=mailing_id)
    for found in list(due.values_list("pk", "mailing", "mailing__transport")[:CANDIDATES]):
        delivery = _send_or_wait(*found, stopping=stopping)
        if delivery is not None:
            return delivery
    return None


def send_or_wait(batch_id: int, *, stopping: Callable[[], bool] = not_stopping) -> PostResult | None:
    """Send one batch by the transport of its mailing. None: not due, not here, or another's.

    A mailing whose batch cannot be begun waits, longer each time, so that it keeps no other from going, and pauses in
    the end, which editors are told. Raises what is wrong with the machine or the database, and not with the mailing.
    """
    due = due_batches().filter(pk=batch_id).order_by()
    found = due.values_list("mailing", "mailing__transport").first()
    return _send_or_wait(batch_id, *found, stopping=stopping) if found else None


def _send_or_wait(
    batch_id: int, mailing_id: int, transport: str, *, stopping: Callable[[], bool]
) -> PostResult | None:
    try:
        return send_batch(batch_id, transport_named(transport), stopping=stopping)
    except (OSError, MemoryError, DatabaseError):
        raise
    except Invalid as error:
        # Trying again does not mend it: a letter that is not the one that was approved, most of all.
        until_written(
            partial(_wait_or_pause, mailing_id, NotSent(f"It could not be sent: {error}", pause=True))
        )
        return None
    except Exception as error:
        log.exception("Batch %s could not be sent", batch_id)
        failure = NotSent(f"It could not be sent: {describe_error(error)}.")
        until_written(partial(_wait_or_pause, mailing_id, failure))
        return None


def send_batch(
    batch_id: int, transport: Transport, *, stopping: Callable[[], bool] = not_stopping
) -> PostResult | None:
    """Post one batch and write down what became of everybody in it. None: not due, not here, or another's."""
    if not may_send() or not may_post(batch_id, transport):
        return None
    with durable_commits():
        claimed = claim_within_limits(batch_id, transport)
    if claimed is None:
        return None
    claim, grant = claimed
    delivery = PostResult(batch_id)
    delivery.add(State.SKIPPED, claim.skipped)
    unanswered, lost = set(claim.recipients), NO_OUTCOME_GIVEN
    try:
        post = replace(claim.post, stopping=stopping)
        for outcome in transport.deliver(post) if unanswered else ():
            _count(until_written(partial(_record, claim, outcome)), claim.batch, delivery)
            unanswered.difference_update(outcome.recipients)
    except Exception as error:
        log.exception("The transport %s failed on batch %s", transport.name, batch_id)
        lost = f"The way out failed: {type(error).__name__}."
        sentence = f"{lost} See the log, then settle what is unknown and resume."
        until_written(partial(pause_mailing, claim.batch.mailing_id, sentence))
    in_doubt = until_written(partial(_close, claim, sorted(unanswered), lost, delivery))
    if unanswered:
        delivery.add(State.UNKNOWN, in_doubt)
        delivery.add(State.WAITING, len(unanswered) - in_doubt)
    failure = delivery.failure
    if failure is not None:
        until_written(partial(_wait_or_pause, claim.batch.mailing_id, failure))
    until_written(partial(return_unused, grant, left=delivery.left))
    until_written(partial(close_mailing_if_done, claim.batch.mailing_id))
    return delivery


def posts_alone_here() -> bool:
    """Whether this process posts a batch of a mailing of which no other may go meanwhile."""
    alone = Q(variant__content_accepted=False) | Q(mailing__suspect=F("number"))
    return Batch.objects.filter(
        alone, state=Batch.State.POSTING, owner=process_liveness.process_name()
    ).exists()


def _record(claim: Claim, outcome: RecipientsOutcome) -> RecipientsOutcome | DividedBatch:
    """Commit one outcome, and return what was written down.

    A late one counts too: the same attempt may be heard of after its lease ran out.
    """
    answer = outcome.answer
    if not outcome.recipients:
        return outcome
    if isinstance(answer, RejectedWhole):
        narrowed = _divide_rejected(claim, outcome.recipients, answer)
        if narrowed is not None:
            return narrowed
        # Too late to divide the batch, but surely nobody in it got it: they wait for another post.
        answer = NotSent(answer.reason, everybody=False)
        outcome = RecipientsOutcome(outcome.recipients, answer)
    noted, lasts = steady_seconds(), timedelta(seconds=claim.post.lease.seconds)
    if _is_plain(claim, outcome) and _accepted_alone(claim, outcome, lasts):
        claim.post.lease.renew(noted=noted)
        return outcome
    state, reason = _state_and_reason(answer, claim.batch)
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


def _is_plain(claim: Claim, outcome: RecipientsOutcome) -> bool:
    """Whether an outcome changes no more than one message of its own, as nearly every one does."""
    alone = claim.batch.current_recipient is not None and len(outcome.recipients) == 1
    return (
        alone
        and isinstance(outcome.answer, Accepted)
        and claim.batch.variant.content_accepted
        and claim.batch.mailing.late_after is None
    )


def _accepted_alone(claim: Claim, outcome: RecipientsOutcome, lasts: timedelta) -> bool:
    assert isinstance(outcome.answer, Accepted)
    until = timezone.now() + lasts
    return record_accepted(claim.batch, outcome.recipients[0], outcome.answer, lease_until=until)


def _changes(claim: Claim, outcome: RecipientsOutcome, reason: str, lasts: timedelta) -> dict[str, Any]:
    """What an outcome changes of the batch that it is in."""
    changes: dict[str, Any] = {"lease_until": timezone.now() + lasts, "reason": reason}
    if claim.batch.current_recipient is not None:
        # Of whom the outcome is, it is no longer in doubt; but another's message may be on its way.
        known = When(current_recipient__in=outcome.recipients, then=Value(0))
        changes["current_recipient"] = Case(
            known, default=F("current_recipient"), output_field=BigIntegerField()
        )
    if isinstance(outcome.answer, Accepted) and outcome.answer.message_id:
        changes["message_id"] = outcome.answer.message_id
    return changes


def _count(written: RecipientsOutcome | DividedBatch, batch: Batch, delivery: PostResult) -> None:
    """What an outcome comes to in the delivery, once it is written down."""
    if isinstance(written, DividedBatch):
        delivery.is_closed = True
        delivery.add(State.REJECTED, written.rejected)
        delivery.add(State.WAITING, written.waiting)
        return
    if not written.recipients:
        return
    if isinstance(written.answer, Accepted):
        batch.variant.content_accepted = True
    delivery.add(_state_and_reason(written.answer, batch)[0], len(written.recipients))
    match written.answer:
        case NotSent(ours=True):
            pass
        case NotSent(everybody=False, retry_after=seconds):
            delivery.deferred += written.recipients
            delivery.wait = max(delivery.wait, seconds)
        case NotSent() | Unknown():
            delivery.failure = written.answer


def _divide_rejected(claim: Claim, recipients: Sequence[int], answer: RejectedWhole) -> DividedBatch | None:
    """Divide a batch whose post was refused, in one commit; None when the batch is no longer this process's."""
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
        # Nobody has left the batch since: one condition says what a thousand numbers would.
        set_batch_state_of_unknown(claim.batch, state=state, reason=reason)
    elif state is State.ACCEPTED:
        # Whatever was thought of them meanwhile: they have it, and must not get it again.
        set_recipients_state(outcome.recipients, of=list(State), state=state)
    else:
        # Whoever has left the batch since may be in another post by now, about which this says nothing.
        set_recipients_state(
            outcome.recipients,
            of=[State.WAITING, State.UNKNOWN],
            state=state,
            reason=reason,
            batch=claim.batch,
            personal=personal,
        )


def _state_and_reason(answer: Outcome, batch: Batch) -> tuple[Recipient.State, str]:
    """The state that an answer puts recipients in, and the reason that is kept."""
    match answer:
        case Accepted():
            return State.ACCEPTED, ""
        case Rejected(reason=reason):
            return State.REJECTED, reason
        case Skipped(reason):
            return State.SKIPPED, reason
        case Unknown(reason=reason):
            return State.UNKNOWN, reason
        case NotSent(reason=reason, everybody=False, ours=False) if deferrals.deferred_too_long(batch):
            return State.REJECTED, f"Given up after {deferrals.GIVEN_UP_AFTER.days} days: {reason}"
        case NotSent(reason=reason) | RejectedWhole(reason=reason):
            return State.WAITING, reason


def _close(claim: Claim, unanswered: list[int], lost: str, delivery: PostResult) -> int:
    """Give the batch the state that follows, unless somebody else has claimed it since; says how many are in doubt."""
    lost_now = 0
    if delivery.is_closed and not unanswered:
        return lost_now
    with transaction.atomic():
        mailing = lock_mailing(claim.batch.mailing_id)
        batch = locked(Batch.objects.all(), claim.batch.pk)
        if batch.attempts == claim.batch.attempts:
            in_doubt = recipients_in_doubt(batch).filter(pk__in=unanswered) if unanswered else None
            lost_now = in_doubt.update(state=State.UNKNOWN, reason=lost) if in_doubt is not None else 0
            if lost_now:
                mark_started(batch.mailing_id)
            deferrals.defer_recipients(batch, delivery.deferred, at_least=delivery.wait)
            close_batch(batch)
        if State.ACCEPTED in delivery.counts and mailing.failures:
            # Whatever hindered the rest, it is not what hindered the posts before.
            Mailing.objects.filter(pk=mailing.pk).update(failures=0)
    if mailing.suspect is not None:
        choose_next_batch(mailing.pk)
    if not claim.batch.variant.content_accepted:
        # The others waited for this one.
        enqueue_due_batches()
    return lost_now


def _wait_or_pause(mailing_id: int, answer: NotSent | Unknown) -> None:
    """The whole mailing waits as told, and longer with every trouble; or until a person has mended the reason."""
    mailing = Mailing.objects.filter(pk=mailing_id)
    mailing.update(failures=F("failures") + 1)
    failures = mailing.values_list("failures", flat=True).get()
    is_limit = isinstance(answer, NotSent) and answer.patient
    if answer.pause or failures >= (FAILURES_BEFORE_PAUSE_AT_A_LIMIT if is_limit else FAILURES_BEFORE_PAUSE):
        pause_mailing(mailing_id, answer.reason)
    else:
        defer_mailing(
            mailing_id, timezone.now() + BACKOFF.wait(failures, asked=answer.retry_after), answer.reason
        )
