"""Settles unknown recipients by evidence alone: proof from the transport, or a sender's word, which is logged."""

import math
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, why_not_role
from newsletter.errors import NotFound, Refused, refuse_if
from newsletter.sending.absence_proof import is_absence_proven
from newsletter.sending.claim_batch import lease_seconds, reference_of
from newsletter.sending.ledger import (
    close_batch,
    close_mailing_if_done,
    record_decision,
    set_recipients_state,
)
from newsletter.sending.models import Batch, Decision, Mailing, Recipient, UntracedPost
from newsletter.sending.open_batches import lock_mailing
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
from subscribers.phrases import counted

State = Recipient.State
LOOK_AGAIN_SECONDS, LOOKED_FOR = 600.0, timedelta(days=1)
# When this process last looked for posts without a trace.
_looking_again = dict[tuple[str, int, int], float]()


def reconcile_mailings(mailing_id: int | None = None) -> int:
    """Ask the transports for evidence about unknown batches; return how many recipients that settled."""
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


def why_not_settle(mailing: Mailing) -> str:
    """Return why the current actor may not record the outcome of a batch, or an empty string if they may."""
    return why_not_role(
        Role.SENDER, "Recording the outcome of a batch", publication=mailing.issue.publication_id
    )


def settle_batch(mailing: Mailing, batch_id: int, *, accepted: bool, settled_by: str) -> int:
    """Settle an unknown batch by a sender's word: sent, or not sent and to send again; return the recipient count.

    Raises NotFound, or Refused if the batch is not unknown.
    """
    refuse_if(why_not_settle(mailing))
    batch = mailing.batches.filter(pk=batch_id).first()
    if batch is None:
        raise NotFound(
            f"{mailing} has no batch {batch_id}. Run `newsletter mailings show` to see the batches with an "
            "unknown outcome."
        )
    if batch.state != Batch.State.UNKNOWN:
        raise Refused(
            "You can only record the outcome of a batch if we do not know it. Run `newsletter mailings show` to see "
            "the batches with an unknown outcome."
        )
    recipients = _unknown_of(batch)
    answer = Accepted() if accepted else NotSent("An approver recorded that the email was not sent.")
    # A later trace can only be told from the next post if the provider was asked about this post alone.
    by_absence = not accepted and batch.untraced_since is not None
    return apply_evidence(batch, [RecipientsOutcome(recipients, answer)], settled_by, by_absence=by_absence)


def apply_evidence(
    batch: Batch, outcomes: Sequence[RecipientsOutcome], settled_by: str, *, by_absence: bool = False
) -> int:
    """Apply what outcomes prove about the unknown or waiting recipients of a batch; return how many that settled.

    `batch` is as it was when we asked for the evidence, and the evidence is complete: nothing is asked in here. If the
    batch was posted again since, only acceptance still counts. `by_absence` means that the proof is the absence of a
    trace, so that we look for the post again later.
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
            state, reason, sentence = State.ACCEPTED, "", "{recipients} in batch {batch} received the email."
        case NotSent(reason=reason):
            state = State.WAITING
            sentence = "{recipients} in batch {batch} did not receive the email. We will send it again."
        case RefusedPost(reason=reason) | RejectedWhole(reason=reason):
            state, sentence = State.REJECTED, "The email to {recipients} in batch {batch} was rejected."
        case Unknown() | Skipped():
            return 0
    if state is State.ACCEPTED:
        note_acceptance(batch.mailing_id, outcome.recipients, batch_id=batch.pk, attempt=batch.attempts)
    if state is State.WAITING and by_absence:
        _keep_untraced_post(batch, outcome.recipients)
    if state is State.WAITING:
        # Recipients who were moved from the batch since are in doubt for another post, about which this says nothing.
        settled = set_recipients_state(
            outcome.recipients, of=[State.UNKNOWN], state=state, reason=reason, batch=batch
        )
    else:
        # Proof may come late, when the recipients wait again, were left out or rejected: they have the email all the
        # same.
        others = [each for each in State if each is not State.ACCEPTED]
        of = others if state is State.ACCEPTED else [State.UNKNOWN, State.WAITING]
        settled = set_recipients_state(outcome.recipients, of=of, state=state, reason=reason)
    if settled and state is State.ACCEPTED:
        # A lost response no longer counts as a failure once it is proven that the post arrived.
        Mailing.objects.filter(pk=batch.mailing_id, failures__gt=0).update(failures=0)
    if settled:
        recipients = counted(settled, "recipient", "recipients")
        record_decision(
            batch.mailing,
            Decision.Act.SETTLE,
            decided_by=settled_by,
            sentence=sentence.format(recipients=recipients, batch=batch.number),
            batch=batch,
            changes={f"recipients in batch {batch.number}": ["unknown", f"{settled} {state.value}"]},
        )
    return settled


def recheck_untraced_posts(*, but_not_of: Container[str] = ()) -> int:
    """Look again for posts without a trace, for a day; return how many recipients received them all the same.

    Leaves out the transports named in `but_not_of`.
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
    """Get all the evidence before anything is locked, because a provider may take long."""
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


def _unknown_of(batch: Batch) -> list[int]:
    unknown = Recipient.objects.filter(batch=batch, state=State.UNKNOWN)
    return list(unknown.order_by("pk").values_list("pk", flat=True))
