"""Sends one batch: claims it, commits that it is posting, posts it, and commits the outcomes.

0. Check that this installation may send (instance/guard.py) and that the database is not older than the emails already
   sent (rollback_guard.py).
1. Claim: waiting → posting, by compare-and-set and with a lease (claim_batch.py), for as many recipients as the
   rates and the warm-up allow (claim_within_limits.py).
2. Post while the lease is valid (posting_lease.py). Separate messages also end once the mailing is paused or stopped.
   Every outcome is committed as it arrives (record_outcome.py) and renews the lease. If the database is locked or
   unavailable, we wait: that does not count as a failure of the transport.
3. Close: a recipient without an outcome is unknown if their message had been started. A recipient whose message was
   certainly not sent waits again; those who were deferred wait separately (deferred_recipients.py). A batch that was
   rejected as a whole is divided (bisect_rejections.py).

A process that dies in step 2 leaves the batch posting. `recover_abandoned_batches` then marks the recipients in doubt
as unknown.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from newsletter.durable_commits import durable_commits, until_written
from newsletter.errors import Invalid
from newsletter.instance.guard import may_send
from newsletter.sending import deferred_recipients, process_liveness
from newsletter.sending.bisect_rejections import choose_next_batch
from newsletter.sending.claim_batch import Claim, recipients_in_doubt
from newsletter.sending.claim_within_limits import claim_within_limits
from newsletter.sending.defer_mailing import defer_mailing
from newsletter.sending.due_batches import due_batches, next_due
from newsletter.sending.enqueue_batches import enqueue_due_batches
from newsletter.sending.ledger import close_batch, close_mailing_if_done, mark_started
from newsletter.sending.limits.throttle import return_unused
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.open_batches import lock_mailing
from newsletter.sending.outcomes import NotSent, Unknown
from newsletter.sending.post_result import PostResult
from newsletter.sending.record_outcome import record_outcome
from newsletter.sending.repeated_failures import describe_error
from newsletter.sending.rollback_guard import may_post
from newsletter.sending.transport import Transport, not_stopping
from newsletter.sending.transports import transport_named
from subscribers.backoff import doubling
from subscribers.database import locked

log = logging.getLogger(__name__)

State = Recipient.State
# With jitter, so that processes do not try again at the same time.
BACKOFF = doubling(timedelta(seconds=5), timedelta(minutes=10), jitter=0.25)
FAILURES_BEFORE_PAUSE = 12
# For a server that asks us to try again later, as at a daily limit. With the longest wait in between, this takes more
# than two days.
FAILURES_BEFORE_PAUSE_AT_A_LIMIT = 300
CANDIDATES = 16
NO_OUTCOME_GIVEN = "The transport did not report whether the email to this recipient was sent."


def send_next_batch(
    mailing_id: int | None = None, *, stopping: Callable[[], bool] = not_stopping
) -> PostResult | None:
    """Send one due batch of one mailing or of any mailing. Returns None if there was none.

    `stopping` says whether this process was asked to stop. Separate messages that have not been started then wait.
    """
    if not may_send():
        return None
    for found in next_due(mailing_id, CANDIDATES):
        delivery = _send_or_wait(*found, stopping=stopping)
        if delivery is not None:
            return delivery
    return None


def send_or_wait(batch_id: int, *, stopping: Callable[[], bool] = not_stopping) -> PostResult | None:
    """Send one batch by the transport of its mailing.

    Returns None if the batch is not due, must not be sent from here, or belongs to another process. If we cannot start
    a batch, its mailing waits, longer each time, so that it does not hold up other mailings; in the end it is paused
    and the editors are notified. Raises errors of the machine or the database, but not those of the mailing.
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
        # Trying again does not help, for example if the email is not the one that was approved.
        until_written(
            partial(
                _wait_or_pause, mailing_id, NotSent(f"We could not send this mailing: {error}", pause=True)
            )
        )
        return None
    except Exception as error:
        log.exception("Could not send batch %s", batch_id)
        failure = NotSent(f"We could not send this mailing: {describe_error(error)}.")
        until_written(partial(_wait_or_pause, mailing_id, failure))
        return None


def send_batch(
    batch_id: int, transport: Transport, *, stopping: Callable[[], bool] = not_stopping
) -> PostResult | None:
    """Post one batch and record the outcome of every recipient. Returns None as `send_or_wait` does."""
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
            delivery.count(until_written(partial(record_outcome, claim, outcome)), claim.batch)
            unanswered.difference_update(outcome.recipients)
    except Exception as error:
        log.exception("The transport %s failed while it was sending batch %s", transport.name, batch_id)
        lost = f"The transport failed with the error {type(error).__name__}."
        sentence = (
            f"{lost} Check the log. Record what happened to the emails with an unknown outcome, then "
            "resume the mailing."
        )
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
    """Return whether this process is posting a batch of a mailing that may post only one batch at a time."""
    alone = Q(variant__content_accepted=False) | Q(mailing__suspect=F("number"))
    return Batch.objects.filter(
        alone, state=Batch.State.POSTING, owner=process_liveness.process_name()
    ).exists()


def _close(claim: Claim, unanswered: list[int], lost: str, delivery: PostResult) -> int:
    """Set the resulting state of the batch, unless another process has claimed it; return how many are in doubt."""
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
            deferred_recipients.defer_recipients(batch, delivery.deferred, at_least=delivery.wait)
            close_batch(batch)
        if State.ACCEPTED in delivery.counts and mailing.failures:
            # Whatever stopped the rest is not what stopped the requests before.
            Mailing.objects.filter(pk=mailing.pk).update(failures=0)
    if mailing.suspect is not None:
        choose_next_batch(mailing.pk)
    if not claim.batch.variant.content_accepted:
        # The other batches were waiting for this one.
        enqueue_due_batches()
    return lost_now


def _wait_or_pause(mailing_id: int, answer: NotSent | Unknown) -> None:
    """Defer the whole mailing, longer after every failure, or pause it until somebody has fixed the cause."""
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
