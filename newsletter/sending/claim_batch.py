"""Claims a batch for this process alone, and prepares the post for the recipients who may still be mailed.

Everything is committed before the first byte is sent: the batch is posting under a lease, people who unsubscribed in
the meantime are skipped, and recipients who do not fit into one request are moved to another batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.durable_commits import until_written
from newsletter.instance.guard import may_send
from newsletter.sending import process_liveness, sending_sql
from newsletter.sending.claimed_batch import claimed_batch
from newsletter.sending.cpu_lock import batch_assembly_lock
from newsletter.sending.due_batches import claim_if_due
from newsletter.sending.ledger import set_recipients_state
from newsletter.sending.machine_restart_check import commits_survived, current_boot_id
from newsletter.sending.models import Batch, Recipient
from newsletter.sending.open_batches import LEASES, open_batch
from newsletter.sending.outcomes import NotSent, Skipped
from newsletter.sending.personalise_email import Answers, Personalizer
from newsletter.sending.posting_lease import Lease
from newsletter.sending.recheck_recipients import (
    bases_not_covering,
    candidate_now,
    candidates_of,
    day_of,
    reason_to_skip,
)
from newsletter.sending.record_message_by_message import record_begun
from newsletter.sending.stored_variants import emails_for_batches
from newsletter.sending.transport import (
    MAY_NOT_SEND,
    NO_LONGER_SENDING,
    BatchReference,
    Envelope,
    Post,
    Transport,
)
from newsletter.steady_clock import steady_seconds
from subscribers import raw_sql
from subscribers.database import is_sqlite

State = Recipient.State
# Evidence or another process has settled this recipient in the meantime.
NO_LONGER_WAITING = NotSent("We had already processed the email to this recipient.", ours=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that only this process may post now, and how many of its recipients were skipped."""

    batch: Batch
    post: Post
    skipped: int

    @property
    def recipients(self) -> list[int]:
        """The recipients of the post."""
        return [envelope.recipient for envelope in self.post.envelopes]


def claim_batch(
    batch_id: int, transport: Transport, *, room_for: Callable[[int], int | None] | None = None
) -> Claim | None:
    """Claim a batch. Returns None if it is not due or belongs to another process.

    `room_for` is called in the transaction that claims the batch, with the number of waiting recipients. It returns how
    many of them may be sent to, or None for all. If it raises an error, the claim is undone.
    """
    seconds = lease_seconds(transport)
    # Counted from before the claim, so that the lease ends here before it ends for other processes.
    lease = Lease(seconds, noted=steady_seconds())
    with transaction.atomic():
        _wait_for_first_acceptance(batch_id)
        taken = claim_if_due(
            batch_id,
            lease_until=timezone.now() + timedelta(seconds=seconds),
            owner=process_liveness.process_name(),
            current_recipient=0 if transport.one_by_one else None,
            boot=current_boot_id(),
        )
        at_most = None
        if taken and room_for is not None:
            at_most = room_for(Recipient.objects.filter(batch=batch_id, state=State.WAITING).count())
    if not taken:
        return None
    batch = claimed_batch(batch_id)
    try:
        return _filled(batch, transport, lease, at_most)
    except Exception:
        # Nothing was sent, so the batch is not in doubt.
        ours = LEASES.held(batch, state=Batch.State.POSTING)
        until_written(lambda: ours.update(state=Batch.State.WAITING, owner="", lease_until=None))
        raise


def recipients_in_doubt(batch: Batch) -> QuerySet[Recipient]:
    """Return the recipients who may have received the email without a recorded outcome, once the process has ended.

    If each recipient has a separate message, only the one whose message was started last is in doubt. In a database
    that was copied or restored, that record may be older than other messages, so then everybody waiting is in doubt.
    """
    waiting = Recipient.objects.filter(batch=batch, state=State.WAITING)
    if batch.current_recipient is None or not commits_survived(batch.boot) or not may_send():
        return waiting
    return waiting.filter(pk=batch.current_recipient)


def lease_seconds(transport: Transport) -> float:
    """Return the length of a lease: NEWSLETTER_LEASE_SECONDS, or as long as the transport needs."""
    return float(settings.NEWSLETTER.lease_seconds) or transport.lease_duration.total_seconds()


def _wait_for_first_acceptance(batch_id: int) -> None:
    """Keep other processes from claiming from a mailing that may post only one batch at a time.

    Of two batches claimed at the same moment, neither claim would see the other.
    """
    if is_sqlite():
        return  # SQLite has one writer at a time
    raw_sql.directly(sending_sql.LOCK_CAREFUL_MAILING, [batch_id])


def _filled(batch: Batch, transport: Transport, lease: Lease, at_most: int | None) -> Claim:
    """Return the claim with its post. Other processes can write meanwhile: only storing the result takes a lock."""
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
    """Return the reference by which the last post of a batch can be found."""
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
    """Return envelopes for those who may still be mailed, and the others by the reason for skipping them."""
    issue = batch.mailing.issue
    answers = Answers.asked_in(emails_for_batches(batch.mailing))
    day, personalizer = day_of(batch), Personalizer.of_issue(issue, answers=answers)
    not_covering = bases_not_covering(batch.mailing)
    may_go, skipped = [], dict[str, list[int]]()
    for candidate in candidates_of(batch):
        reason = reason_to_skip(candidate, day, not_covering)
        if reason:
            skipped.setdefault(reason, []).append(candidate.recipient)
        else:
            may_go.append(candidate)
    return personalizer.envelopes(may_go), skipped


def _limited(post: Post, transport: Transport, at_most: int | None) -> Post:
    """Return the post with as many envelopes as fit and may be sent."""
    if not post.envelopes:
        return post
    max_envelopes = min(transport.batch_size, transport.max_envelopes(post), at_most or transport.batch_size)
    if max_envelopes >= len(post.envelopes):
        return post
    return replace(post, envelopes=post.envelopes[:max_envelopes])


def _others_go_on(batch: Batch) -> bool:
    """Return whether another process is posting a batch of the mailing in which a message was already accepted."""
    others = Batch.objects.filter(mailing=batch.mailing_id, state=Batch.State.POSTING).exclude(
        owner=process_liveness.process_name()
    )
    return until_written(others.filter(recipients__state=State.ACCEPTED).exists)


def _record_begun(batch: Batch, lease: Lease, envelope: Envelope) -> bool:
    """Record whose message is sent now and renew the lease.

    Returns False if another process now owns the batch, which ends the lease, or if the mailing was paused or stopped.
    """
    noted, until = steady_seconds(), timezone.now() + timedelta(seconds=lease.seconds)
    if not until_written(lambda: record_begun(batch, envelope.recipient, lease_until=until)):
        if not until_written(LEASES.held(batch, state=Batch.State.POSTING).exists):
            lease.end()
        return False
    lease.renew(noted=noted)
    return True


def _changed_since(batch: Batch, day: date, envelope: Envelope) -> NotSent | Skipped | None:
    """Say why a recipient must not be mailed after all, according to the database now.

    Whether the mailing was paused or stopped is read with the recipient: it costs no query of its own.
    """
    if not until_written(may_send):
        return MAY_NOT_SEND
    candidate = until_written(lambda: candidate_now(envelope.recipient, batch))
    if candidate is None:
        return NO_LONGER_WAITING
    if not candidate.is_sending:
        return NO_LONGER_SENDING
    reason = reason_to_skip(candidate, day, bases_not_covering(batch.mailing))
    return Skipped(reason) if reason else None
