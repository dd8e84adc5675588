"""Claims a batch for this process alone, and makes the post of it for whoever may still be mailed.

All of it is committed before the first byte leaves: the batch is posting under a lease, whoever said no in the
meantime is skipped, and whoever does not fit one post is in a batch of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from newsletter.durable_commits import until_written
from newsletter.instance.guard import may_send
from newsletter.sending import process_liveness
from newsletter.sending.boot_id import commits_survived, current_boot_id
from newsletter.sending.cpu_lock import batch_assembly_lock
from newsletter.sending.due_batches import due_batches
from newsletter.sending.ledger import set_recipients_state
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.open_batches import LEASES, open_batch
from newsletter.sending.outcomes import NotSent, Skipped
from newsletter.sending.personalise import Personalizer
from newsletter.sending.posting_lease import Lease
from newsletter.sending.recheck_recipients import candidate_now, candidates_of, day_of, reason_to_skip
from newsletter.sending.record_single_messages import record_begun
from newsletter.sending.transport import BatchReference, Envelope, Post, Transport
from newsletter.sending.variants import emails_for_batches
from newsletter.steady_clock import steady_seconds
from subscribers.database import is_sqlite

State = Recipient.State
# Evidence or another process said meanwhile what became of this person.
NO_LONGER_WAITING = NotSent("This recipient was no longer waiting when their turn came.", ours=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that this process alone may post now, and how many of it were skipped."""

    batch: Batch
    post: Post
    skipped: int

    @property
    def recipients(self) -> list[int]:
        """Whom the post is for."""
        return [envelope.recipient for envelope in self.post.envelopes]


def claim_batch(
    batch_id: int, transport: Transport, *, room_for: Callable[[int], int | None] | None = None
) -> Claim | None:
    """Claim a batch, or None when it is not due or somebody else's.

    `room_for` is told how many wait in it, in the transaction that claims it, and says how many may go; None: all. What
    it raises undoes the claim.
    """
    seconds = lease_seconds(transport)
    # From before the claim on, so that the lease is over here before it is over for anybody else.
    lease = Lease(seconds, noted=steady_seconds())
    with transaction.atomic():
        _wait_for_first_acceptance(batch_id)
        now = timezone.now()
        taken = LEASES.claim(
            due_batches().order_by().filter(pk=batch_id),
            now + timedelta(seconds=seconds),
            state=Batch.State.POSTING,
            owner=process_liveness.process_name(),
            not_before=None,
            posted_at=now,
            untraced_since=None,
            reason="",
            current_recipient=0 if transport.one_by_one else None,
            boot=current_boot_id(),
        )
        at_most = None
        if taken and room_for is not None:
            at_most = room_for(Recipient.objects.filter(batch=batch_id, state=State.WAITING).count())
    if not taken:
        return None
    batches = Batch.objects.select_related("mailing__issue__publication", "variant").defer("variant__email")
    batch = batches.get(pk=batch_id)
    try:
        return _filled(batch, transport, lease, at_most)
    except Exception:
        # Nothing has left: the batch is not in doubt.
        ours = LEASES.held(batch, state=Batch.State.POSTING)
        until_written(lambda: ours.update(state=Batch.State.WAITING, owner="", lease_until=None))
        raise


def recipients_in_doubt(batch: Batch) -> QuerySet[Recipient]:
    """Who of a batch may have the message though no answer says so, once its process has died or given up.

    Where each has a message of their own, that is the one whose message began to leave last, and nobody else; but in a
    database that was copied or put back, it may have been written down before others' messages left.
    """
    waiting = Recipient.objects.filter(batch=batch, state=State.WAITING)
    if batch.current_recipient is None or not commits_survived(batch.boot) or not may_send():
        return waiting
    return waiting.filter(pk=batch.current_recipient)


def lease_seconds(transport: Transport) -> float:
    """How long whoever posts by a transport may give no sign: by NEWSLETTER_LEASE_SECONDS, or what it needs."""
    return float(settings.NEWSLETTER.lease_seconds) or transport.lease_duration.total_seconds()


def _wait_for_first_acceptance(batch_id: int) -> None:
    """Let no other process claim from the mailing just now, where one post goes at a time: of two batches that
    are claimed at once, neither would see that the other is.
    """
    if is_sqlite():
        return  # it has one writer at a time
    is_careful = Q(batches__variant__content_accepted=False) | Q(suspect__isnull=False)
    careful = Mailing.objects.filter(is_careful, batches=batch_id)
    list(careful.select_for_update(of=("self",)).values_list("pk"))


def _filled(batch: Batch, transport: Transport, lease: Lease, at_most: int | None) -> Claim:
    """The claim with its post. Other processes write meanwhile: only what is found out locks the database."""
    with batch_assembly_lock:
        envelopes, skipped = _envelopes(batch)
    email = emails_for_batches(batch.mailing).variants[batch.variant.number - 1].email
    whole = Post(
        trace=reference_of(batch),
        email=email,
        envelopes=envelopes,
        lease=lease,
        look_again=partial(_changed_since, batch, day_of(batch)),
        note_begun=partial(_record_begun, batch, lease),
        others_got_it=batch.variant.content_accepted,
        others_go_on=partial(_others_go_on, batch),
    )
    post = _limited(whole, transport, at_most)
    rest = [envelope.recipient for envelope in envelopes[len(post.envelopes) :]]
    if skipped or rest:
        with transaction.atomic():
            for reason, recipients in skipped.items():
                set_recipients_state(recipients, of=[State.WAITING], state=State.SKIPPED, reason=reason)
            if rest:
                open_batch(batch.mailing_id, rest, variant=batch.variant_id, first=batch.first)
    return Claim(batch, post, sum(map(len, skipped.values())))


def reference_of(batch: Batch) -> BatchReference:
    """What the last post of a batch can be found by."""
    issue = batch.mailing.issue
    assert batch.posted_at is not None
    return BatchReference(
        mailing=batch.mailing.key,
        batch=batch.pk,
        number=batch.number,
        attempt=batch.attempts,
        publication=issue.publication.slug,
        issue=issue.number,
        posted_at=batch.posted_at,
    )


def _envelopes(batch: Batch) -> tuple[list[Envelope], dict[str, list[int]]]:
    """An envelope for whoever may still be mailed; the others by the reason why they are skipped."""
    issue = batch.mailing.issue
    day, personalizer = day_of(batch), Personalizer.of_issue(issue)
    may_go, skipped = [], dict[str, list[int]]()
    for candidate in candidates_of(batch):
        reason = reason_to_skip(candidate, day)
        if reason:
            skipped.setdefault(reason, []).append(candidate.recipient)
        else:
            may_go.append(candidate)
    return personalizer.envelopes(may_go), skipped


def _limited(post: Post, transport: Transport, at_most: int | None) -> Post:
    """The post with as many envelopes as fit and may go."""
    if not post.envelopes:
        return post
    max_envelopes = min(transport.batch_size, transport.max_envelopes(post), at_most or transport.batch_size)
    if max_envelopes >= len(post.envelopes):
        return post
    return replace(post, envelopes=post.envelopes[:max_envelopes])


def _others_go_on(batch: Batch) -> bool:
    """Whether another process posts a batch of the mailing, and somebody in it has got their message."""
    others = Batch.objects.filter(mailing=batch.mailing_id, state=Batch.State.POSTING).exclude(
        owner=process_liveness.process_name()
    )
    return until_written(others.filter(recipients__state=State.ACCEPTED).exists)


def _record_begun(batch: Batch, lease: Lease, envelope: Envelope) -> bool:
    """Write down whose message leaves now, and renew the lease; False when the batch is no longer this process's."""
    noted, until = steady_seconds(), timezone.now() + timedelta(seconds=lease.seconds)
    if not until_written(lambda: record_begun(batch, envelope.recipient, lease_until=until)):
        lease.end()
        return False
    lease.renew(noted=noted)
    return True


def _changed_since(batch: Batch, day: date, envelope: Envelope) -> NotSent | Skipped | None:
    """Why somebody in a batch must not be mailed after all, by what the database says now."""
    candidate = until_written(lambda: candidate_now(envelope.recipient, batch))
    if candidate is None:
        return NO_LONGER_WAITING
    reason = reason_to_skip(candidate, day)
    return Skipped(reason) if reason else None
