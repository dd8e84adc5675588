"""Sends one batch: claim it, commit that it is posting, post, commit what came back.

1. Claim: waiting → posting by compare-and-set, with a lease. Whoever said no in the meantime is skipped, and
   whoever does not fit one post moves to a batch of their own. All of that is committed before the first byte
   leaves.
2. Post. Every outcome is committed as it comes and renews the lease.
3. Conclude: whoever has no answer is unknown; whoever surely was not sent waits again.

A process that dies in step 2 leaves the batch posting; `recover` in settle.py then calls it unknown.
"""

import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.rendering.letter import Letter
from newsletter.sending import presence
from newsletter.sending.answers import Accepted, NotSent, Outcome, Refused, Unknown
from newsletter.sending.audience import candidates_of, day_of, reason_to_skip
from newsletter.sending.controls import pause
from newsletter.sending.ledger import commit_durably, conclude, finish, mark, move_to_new_batch
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.personalize import Personalizer
from newsletter.sending.transports import transport_named
from newsletter.sending.transports.transport import Post, Trace, Transport

log = logging.getLogger(__name__)

State = Recipient.State
BACK_OFF_SECONDS, LONGEST_BACK_OFF_SECONDS = 5.0, 600.0
ATTEMPTS_BEFORE_A_PAUSE = 12
NEXT_CANDIDATES = 16


@dataclass(slots=True)
class Delivery:
    """What one post came to: recipients by state, those that wait again among them."""

    batch: int
    counts: dict[Recipient.State, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """How many recipients no longer wait."""
        return sum(count for state, count in self.counts.items() if state is not State.WAITING)

    def add(self, state: Recipient.State, count: int) -> None:
        self.counts[state] = self.counts.get(state, 0) + count


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that this process alone may post now."""

    batch: Batch
    post: Post
    skipped: int


def send_next_batch(mailing_id: int | None = None) -> Delivery | None:
    """Send one batch that is due, of one mailing or of any. None: there was none."""
    due = _due().order_by("mailing_id", "number").values_list("pk", "mailing__transport")
    if mailing_id is not None:
        due = due.filter(mailing=mailing_id)
    for batch_id, transport in list(due[:NEXT_CANDIDATES]):
        delivery = send_batch(batch_id, transport_named(transport))
        if delivery is not None:
            return delivery
    return None


def send_batch(batch_id: int, transport: Transport) -> Delivery | None:
    """Post one batch and write down what became of everybody in it. None: not due, or somebody else's."""
    commit_durably()
    claim = _claim(batch_id, transport)
    if claim is None:
        return None
    delivery = Delivery(batch_id)
    delivery.add(State.SKIPPED, claim.skipped)
    unanswered = {envelope.recipient for envelope in claim.post.envelopes}
    lost = "The way out said nothing about this recipient."
    try:
        for outcome in _outcomes(claim, transport):
            _record(claim, transport, outcome, delivery)
            unanswered.difference_update(outcome.recipients)
    except Exception as error:
        log.exception("The transport %s failed on batch %s", transport.name, batch_id)
        lost = f"The way out failed: {type(error).__name__}."
        pause(claim.batch.mailing_id, f"{lost} See the log, then settle what is unknown and resume.")
    _close(claim, sorted(unanswered), lost, delivery)
    finish(claim.batch.mailing_id)
    return delivery


def _due() -> QuerySet[Batch]:
    now = timezone.now()
    sending = Mailing.objects.filter(
        Q(not_before=None) | Q(not_before__lte=now), pk=OuterRef("mailing_id"), state=Mailing.State.SENDING
    )
    return Batch.objects.filter(Exists(sending), state=Batch.State.WAITING)


def _claim(batch_id: int, transport: Transport) -> Claim | None:
    with transaction.atomic():
        now = timezone.now()
        taken = (
            _due()
            .filter(pk=batch_id)
            .update(
                state=Batch.State.POSTING,
                attempts=F("attempts") + 1,
                owner=presence.name(),
                lease_until=now + transport.patience,
                posted_at=now,
                reason="",
            )
        )
        if not taken:
            return None
        batch = Batch.objects.select_related("mailing__issue__publication__mailing_list").get(pk=batch_id)
        post, skipped = _prepare(batch)
        if len(post.envelopes) > (fitting := _fitting(post, transport)):
            rest = [envelope.recipient for envelope in post.envelopes[fitting:]]
            move_to_new_batch(batch.mailing_id, rest)
            post = Post(trace=post.trace, letter=post.letter, envelopes=post.envelopes[:fitting])
    return Claim(batch, post, skipped)


def _fitting(post: Post, transport: Transport) -> int:
    return min(transport.batch_size, transport.fitting(post)) if post.envelopes else 0


def _prepare(batch: Batch) -> tuple[Post, int]:
    """The post of a batch for whoever may still be mailed; the others are marked as skipped."""
    issue = batch.mailing.issue
    day, personalizer = day_of(issue), Personalizer.of_issue(issue)
    envelopes, skipped = [], dict[str, list[int]]()
    for candidate in candidates_of(batch, issue):
        reason = reason_to_skip(candidate, day)
        if reason:
            skipped.setdefault(reason, []).append(candidate.recipient)
        else:
            envelopes.append(personalizer.envelope(candidate))
    for reason, recipients in skipped.items():
        mark(recipients, of=[State.WAITING], state=State.SKIPPED, reason=reason)
    post = Post(trace=trace_of(batch), letter=Letter.from_dict(batch.mailing.letter), envelopes=envelopes)
    return post, sum(map(len, skipped.values()))


def trace_of(batch: Batch) -> Trace:
    """What the last post of a batch can be found by."""
    issue = batch.mailing.issue
    assert batch.posted_at is not None
    return Trace(
        mailing=batch.mailing.key,
        batch=batch.pk,
        attempt=batch.attempts,
        publication=issue.publication.slug,
        issue=issue.number,
        posted_at=batch.posted_at,
    )


def _outcomes(claim: Claim, transport: Transport) -> Iterator[Outcome]:
    if claim.post.envelopes:
        yield from transport.deliver(claim.post)


def _record(claim: Claim, transport: Transport, outcome: Outcome, delivery: Delivery) -> None:
    """Commit one outcome. A late one counts too: the same attempt may be heard of after its lease ran out."""
    if not outcome.recipients:
        return
    match outcome.answer:
        case Accepted(message_id):
            state, reason = State.ACCEPTED, ""
        case Refused(reason):
            state, message_id = State.REFUSED, ""
        case Unknown(reason=reason):
            state, message_id = State.UNKNOWN, ""
        case NotSent(reason=reason):
            state, message_id = State.WAITING, ""
    with transaction.atomic():
        ours = Batch.objects.filter(pk=claim.batch.pk, attempts=claim.batch.attempts)
        changes = {"lease_until": timezone.now() + transport.patience, "reason": reason}
        still_ours = ours.update(**changes, **({"message_id": message_id} if message_id else {}))
        if state is State.ACCEPTED or still_ours:
            mark(outcome.recipients, of=[State.WAITING, State.UNKNOWN], state=state, reason=reason)
    delivery.add(state, len(outcome.recipients))
    if isinstance(outcome.answer, NotSent | Unknown):
        _wait_or_pause(claim.batch, outcome.answer)


def _close(claim: Claim, unanswered: list[int], lost: str, delivery: Delivery) -> None:
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=claim.batch.pk)
        if batch.attempts != claim.batch.attempts:
            return
        mark(unanswered, of=[State.WAITING], state=State.UNKNOWN, reason=lost)
        conclude(batch)
    if unanswered:
        delivery.add(State.UNKNOWN, len(unanswered))


def _wait_or_pause(batch: Batch, answer: NotSent | Unknown) -> None:
    """The whole mailing waits as told, or longer each time; or until a person has mended the reason."""
    if answer.pause or batch.attempts >= ATTEMPTS_BEFORE_A_PAUSE:
        pause(batch.mailing_id, answer.reason)
        return
    doubled = min(BACK_OFF_SECONDS * 2 ** (batch.attempts - 1), LONGEST_BACK_OFF_SECONDS)
    seconds = max(answer.retry_after, doubled) * random.uniform(1.0, 1.25)  # noqa: S311 - jitter, not a secret
    Mailing.objects.filter(pk=batch.mailing_id).update(not_before=timezone.now() + timedelta(seconds=seconds))
