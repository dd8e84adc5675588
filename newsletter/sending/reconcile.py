"""Turns unknown into known, by evidence alone: what the way out can prove, or an editor's word, which is logged."""

import math
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role
from newsletter.errors import NotFound, Refused
from newsletter.sending import process_liveness
from newsletter.sending.absence_proof import is_absence_proven
from newsletter.sending.bisect_rejections import choose_next_batch
from newsletter.sending.claims import lease_seconds, recipients_in_doubt, reference_of
from newsletter.sending.ledger import (
    close_batch,
    close_mailing_if_done,
    mark_started,
    record_decision,
    set_recipients_state,
)
from newsletter.sending.models import Batch, Decision, Mailing, Recipient, UntracedPost
from newsletter.sending.open_batches import LEASES, lock_mailing
from newsletter.sending.outcomes import (
    Accepted,
    Evidence,
    EvidenceUnavailable,
    NoTrace,
    NotSent,
    RecipientsOutcome,
    RejectedWhole,
    Skipped,
    Unknown,
)
from newsletter.sending.outcomes import Rejected as RefusedPost
from newsletter.sending.proven_duplicates import note_acceptance, settle_earlier_post
from newsletter.sending.transports import transport_named
from newsletter.steady_clock import steady_seconds
from subscribers.database import locked

State = Recipient.State
LOOK_AGAIN_SECONDS, LOOKED_FOR = 600.0, timedelta(days=1)
# When this process last looked for posts that had left no trace.
_looking_again = dict[tuple[str, int, int], float]()
OUTCOME_LOST = "The sending process stopped before it recorded the outcome."


def recover_abandoned_batches() -> int:
    """Call those unknown whose post was cut short by the death of its process, or whose lease ran out; says how many
    batches that were. Whose message surely had not begun to leave waits again.

    A lease is over by the clock on the wall, or when this process has seen it stand unchanged for longer than it lasts:
    a clock that was set back would let it stand for a day. That it may be called over too early does no harm, since
    nobody of an unknown batch is mailed without evidence. A mailing whose process died just before its end is ended.
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


def reconcile_mailings(mailing_id: int | None = None) -> int:
    """Ask the ways out what they can prove about unknown batches; says how many recipients that settled."""
    unknown = Batch.objects.filter(state=Batch.State.UNKNOWN).select_related("mailing__issue__publication")
    if mailing_id is not None:
        unknown = unknown.filter(mailing=mailing_id)
    settled, silent = 0, set[str]()
    for batch in unknown:
        if batch.mailing.transport not in silent:
            found = _asked(batch)
            settled += _apply_evidence_of_batch(batch, found)
            silent |= {batch.mailing.transport for each in found if isinstance(each, EvidenceUnavailable)}
    return settled + recheck_untraced_posts(but_not_of=silent)


def settle_batch(mailing: Mailing, batch_id: int, *, accepted: bool, settled_by: str) -> int:
    """An editor's word on an unknown batch: it went, or it did not, so that it goes again. Says for how many.

    Raises NotFound, and Refused when the batch is not unknown.
    """
    require_role(Role.APPROVER, "Settling a batch")
    batch = mailing.batches.filter(pk=batch_id).first()
    if batch is None:
        raise NotFound(
            f"{mailing} has no batch {batch_id}. Run `newsletter mailings show` to see its open batches."
        )
    if batch.state != Batch.State.UNKNOWN:
        raise Refused(
            f"{batch} is {batch.get_state_display().lower()}. You can only settle an unknown batch."
        )
    recipients = _unknown_of(batch)
    answer = Accepted() if accepted else NotSent("An approver recorded that the email was not sent.")
    # Only where the provider was asked about this post alone can a later trace tell it from the next one.
    by_absence = not accepted and batch.untraced_since is not None
    return apply_evidence(batch, [RecipientsOutcome(recipients, answer)], settled_by, by_absence=by_absence)


def apply_evidence(
    batch: Batch, outcomes: Sequence[RecipientsOutcome], settled_by: str, *, by_absence: bool = False
) -> int:
    """Settle what the outcomes prove about recipients of a batch that are unknown, or wait again; says for how many.

    `batch` is as it was when the evidence was asked for, and the evidence is complete: nothing is asked in here. If it
    was posted again since, only what was accepted still holds. `by_absence`: it was proven by there being no trace, so
    that the post is looked for again later.
    """
    settled, asked = 0, batch.attempts
    with transaction.atomic():
        lock_mailing(batch.mailing_id)
        batch = locked(Batch.objects.select_related("mailing"), batch.pk)
        for outcome in outcomes:
            if batch.attempts == asked:
                settled += _apply(batch, outcome, settled_by, by_absence=by_absence)
            elif isinstance(outcome.answer, Accepted):
                settled += settle_earlier_post(
                    batch.mailing_id,
                    outcome.recipients,
                    batch_id=batch.pk,
                    attempt=asked,
                    settled_by=settled_by,
                )
        if settled and batch.state != Batch.State.POSTING:
            close_batch(batch)
    close_mailing_if_done(batch.mailing_id)
    return settled


def _apply(batch: Batch, outcome: RecipientsOutcome, settled_by: str, *, by_absence: bool) -> int:
    match outcome.answer:
        case Accepted():
            state, reason, words = State.ACCEPTED, "", "received the email"
        case NotSent(reason=reason):
            state, words = State.WAITING, "did not receive the email and are waiting again"
        case RefusedPost(reason=reason) | RejectedWhole(reason=reason):
            state, words = State.REJECTED, "were rejected"
        case Unknown() | Skipped():
            return 0
    if state is State.ACCEPTED:
        note_acceptance(batch.mailing_id, outcome.recipients, batch_id=batch.pk, attempt=batch.attempts)
    if state is State.WAITING and by_absence:
        _keep_untraced_post(batch, outcome.recipients)
    if state is State.WAITING:
        # Whoever has left the batch since is in doubt for another post, about which this says nothing.
        settled = set_recipients_state(
            outcome.recipients, of=[State.UNKNOWN], state=state, reason=reason, batch=batch
        )
    else:
        # Proof may come late, when those it is about wait again, were left out or refused: they have it all the same.
        others = [each for each in State if each is not State.ACCEPTED]
        of = others if state is State.ACCEPTED else [State.UNKNOWN, State.WAITING]
        settled = set_recipients_state(outcome.recipients, of=of, state=state, reason=reason)
    if settled and state is State.ACCEPTED:
        # An answer that was lost is no trouble any more once it is proven that the post arrived.
        Mailing.objects.filter(pk=batch.mailing_id, failures__gt=0).update(failures=0)
    if settled:
        sentence = f"{settled} recipients of batch {batch.number} {words}."
        record_decision(
            batch.mailing,
            Decision.Act.SETTLE,
            decided_by=settled_by,
            sentence=sentence,
            batch=batch,
            changes={f"recipients of batch {batch.number}": ["unknown", f"{settled} {state.value}"]},
        )
    return settled


def recheck_untraced_posts(*, but_not_of: Container[str] = ()) -> int:
    """Look once more for posts that had left no trace, for a day: says how many recipients had them all the same.

    But not of some transports, by name.
    """
    settled, now = 0, steady_seconds()
    posts = UntracedPost.objects.filter(is_over=False).select_related("batch__mailing__issue__publication")
    for post in posts.order_by("pk"):
        key = (post.batch.mailing.key.hex, post.batch_id, post.attempt)
        due = _looking_again.get(key, -math.inf) + LOOK_AGAIN_SECONDS
        if post.batch.mailing.transport in but_not_of or now < due:
            continue
        _looking_again[key] = now
        settled += _look_again(post)
    return settled


def _look_again(post: UntracedPost) -> int:
    batch = post.batch
    transport = transport_named(batch.mailing.transport)
    trace = replace(reference_of(batch), attempt=post.attempt, posted_at=post.posted_at)
    found = list(transport.evidence(trace, post.recipients))
    arrived = [
        recipient
        for each in found
        if isinstance(each, RecipientsOutcome) and isinstance(each.answer, Accepted)
        for recipient in each.recipients
    ]
    settled = 0
    with transaction.atomic():
        if arrived:
            settled = settle_earlier_post(
                batch.mailing_id,
                arrived,
                batch_id=batch.pk,
                attempt=post.attempt,
                settled_by=f"evidence from {transport.name}",
            )
        if arrived or timezone.now() - post.untraced_at > LOOKED_FOR:
            UntracedPost.objects.filter(pk=post.pk).update(is_over=True)
    return settled


def _asked(batch: Batch) -> list[Evidence]:
    """All the evidence there is, before anything is locked: a provider may take as long as it likes."""
    return list(transport_named(batch.mailing.transport).evidence(reference_of(batch), _unknown_of(batch)))


def _apply_evidence_of_batch(batch: Batch, found: Sequence[Evidence]) -> int:
    transport = transport_named(batch.mailing.transport)
    outcomes = [each for each in found if isinstance(each, RecipientsOutcome)]
    looks = [each for each in found if isinstance(each, NoTrace)]
    lasts = lease_seconds(transport)
    disproofs = [each for each in looks if is_absence_proven(batch, each, lease_seconds=lasts)]
    outcomes += [RecipientsOutcome(_unknown_of(batch), NotSent(each.reason)) for each in disproofs]
    return apply_evidence(batch, outcomes, f"evidence from {transport.name}", by_absence=bool(disproofs))


def _keep_untraced_post(batch: Batch, recipients: Sequence[int]) -> None:
    UntracedPost.objects.get_or_create(
        batch=batch,
        attempt=batch.attempts,
        defaults={
            "recipients": list(recipients),
            "posted_at": batch.posted_at or timezone.now(),
            "untraced_at": timezone.now(),
        },
    )


def _is_over(batch: Batch) -> bool:
    lapsed = batch.lease_until is None or batch.lease_until <= timezone.now()
    return lapsed or process_liveness.has_ended(batch.owner)


class LeasesSeen:
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


_leases = LeasesSeen()


def _give_up(batch: Batch) -> bool:
    with transaction.atomic():
        same = LEASES.held(batch, state=Batch.State.POSTING, lease_until=batch.lease_until)
        posting = same.select_for_update().first()
        if posting is None:
            return False
        if recipients_in_doubt(posting).update(state=State.UNKNOWN, reason=OUTCOME_LOST):
            mark_started(posting.mailing_id)
        close_batch(posting)
    close_mailing_if_done(batch.mailing_id)
    return True


def _unknown_of(batch: Batch) -> list[int]:
    unknown = Recipient.objects.filter(batch=batch, state=State.UNKNOWN)
    return list(unknown.order_by("pk").values_list("pk", flat=True))
