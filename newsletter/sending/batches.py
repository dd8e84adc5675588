"""Sends one batch: claim it, commit that it is posting, post, commit what came back.

0. Be at home (instance/guard.py) and not older than what was sent (rollback_guard.py).
1. Claim: waiting → posting, by compare-and-set and with a lease (claims.py), as many as rates and a warm-up allow
   (claim_within_limits.py).
2. Post, while the lease stands (lease.py). Every outcome is committed as it comes (record_outcome.py) and renews the
   lease. A database that is locked or away is waited for: that does not count as a failure of the transport.
3. Close: whoever has no answer is unknown, if their message had begun to leave; whoever surely was not sent waits
   again, those apart who are to come back later (deferrals.py); a batch that was refused as a whole is divided
   (narrowing.py).

A process that dies in step 2 leaves the batch posting; `recover` in reconcile.py then calls those in doubt unknown.
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
from newsletter.sending.claim_within_limits import claim_within_limits
from newsletter.sending.claims import Claim, recipients_in_doubt
from newsletter.sending.due_batches import due_batches
from newsletter.sending.enqueue import enqueue_due_batches
from newsletter.sending.ledger import close_batch, close_mailing_if_done, defer_mailing, mark_started
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
# With jitter, so that processes do not come back together.
BACKOFF = doubling(timedelta(seconds=5), timedelta(minutes=10), jitter=0.25)
FAILURES_BEFORE_PAUSE = 12
# Of a server that asks to come back later, as at a daily limit: with the longest wait in between, more than two days.
FAILURES_BEFORE_PAUSE_AT_A_LIMIT = 300
CANDIDATES = 16
NO_OUTCOME_GIVEN = "The transport reported no outcome for this recipient."


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
            partial(
                _wait_or_pause, mailing_id, NotSent(f"We could not send this mailing: {error}", pause=True)
            )
        )
        return None
    except Exception as error:
        log.exception("Batch %s could not be sent", batch_id)
        failure = NotSent(f"We could not send this mailing: {describe_error(error)}.")
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
            delivery.count(until_written(partial(record_outcome, claim, outcome)), claim.batch)
            unanswered.difference_update(outcome.recipients)
    except Exception as error:
        log.exception("The transport %s failed on batch %s", transport.name, batch_id)
        lost = f"The transport failed: {type(error).__name__}."
        sentence = f"{lost} Check the log, settle the unknown recipients, then resume."
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
            deferred_recipients.defer_recipients(batch, delivery.deferred, at_least=delivery.wait)
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
