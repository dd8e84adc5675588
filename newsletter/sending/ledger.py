"""The rules of the ledger that planning, sending, settling and people's decisions share.

The state of a batch follows from its recipients, and the end of a mailing follows from its counts. Only `close_batch`
and `close_mailing_if_done` set them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.audit_log import Changes
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue
from newsletter.sending import sending_sql
from newsletter.sending.defer_mailing import defer_mailing
from newsletter.sending.models import Batch, Decision, Mailing, NoSuchMailbox, Recipient
from newsletter.sending.open_batches import STOPPED, lock_mailing, open_batch
from newsletter.sending.outcomes import RecipientsOutcome, Rejected
from newsletter.sending.recipient_counts import count_recipients
from newsletter.sending_settings.current import sending_settings
from subscribers import raw_sql
from subscribers.database import portions

NOBODY_GOT_IT = "Nobody in the audience received the issue. Check the mailing to see why, then retry it."


def record_decision(
    mailing: Mailing,
    act: Decision.Act,
    *,
    decided_by: str,
    sentence: str,
    batch: Batch | None = None,
    changes: Changes | None = None,
) -> None:
    """Record who decided what, and when. `changes` has the old and the new value by name."""
    Decision.objects.create(
        mailing=mailing,
        batch=batch,
        act=act,
        decided_by=decided_by,
        decided_at=timezone.now(),
        sentence=sentence,
    )
    record(f"mailing-{act}", sentence, issue=mailing.issue, thing=f"mailing {mailing.pk}", changes=changes)


def mark_started(mailing_id: int) -> None:
    """Record that a mailing was started, perhaps: the rest is then sent too, however long that takes."""
    Mailing.objects.filter(pk=mailing_id, late_after__isnull=False).update(late_after=None)


def set_recipients_state(
    recipients: Sequence[int],
    *,
    of: Sequence[Recipient.State],
    state: Recipient.State,
    reason: str = "",
    batch: Batch | None = None,
    personal: bool = False,
) -> int:
    """Give recipients in one of the states `of` a new state; return how many were changed.

    With a `batch`, only those who are still in it. `personal` means that the reason is their own address or data, so
    they are never retried.
    """
    rows = Recipient.objects.filter(state__in=of)
    if batch is not None:
        rows = rows.filter(batch=batch)
    return sum(
        rows.filter(pk__in=some).update(
            state=state, reason=reason[:200], rejected_for=Recipient.RejectedFor.PERSON if personal else ""
        )
        for some in portions(recipients)
    )


def record_no_such_mailbox(outcome: RecipientsOutcome) -> None:
    """Record the recipients whose mailbox does not exist, according to the server, for tracking to act on.

    Tracking does so in a separate transaction, because people are locked before the rows of a mailing.
    """
    answer = outcome.answer
    if isinstance(answer, Rejected) and answer.no_such_mailbox:
        now = timezone.now()
        NoSuchMailbox.objects.bulk_create(
            [
                NoSuchMailbox(recipient_id=recipient, code=answer.no_such_mailbox, said_at=now)
                for recipient in outcome.recipients
            ],
            ignore_conflicts=True,
        )


def set_batch_state_of_unknown(batch: Batch, *, state: Recipient.State, reason: str = "") -> int:
    """Give every recipient of a batch without a known outcome a state; return how many there were."""
    nothing_known = (Recipient.State.WAITING, Recipient.State.UNKNOWN)
    return Recipient.objects.filter(batch=batch, state__in=nothing_known).update(
        state=state, reason=reason[:200], rejected_for=""
    )


def close_batch(batch: Batch, *, not_before: datetime | None = None) -> None:
    """Set the state of a batch that is not posting from its recipients. Call inside a transaction.

    Recipients who are still waiting when the mailing was stopped are skipped. Recipients who are waiting beside others
    who received the email, or perhaps did, move to a separate batch: at most one request of a batch may ever have
    arrived, or evidence about the batch would prove nothing. Waiting recipients are not due before `not_before`.
    """
    states = _states_in(batch)
    waiting = Recipient.objects.filter(batch=batch, state=Recipient.State.WAITING)
    if Recipient.State.WAITING in states and _is_stopped(batch.mailing_id):
        waiting.update(state=Recipient.State.SKIPPED, reason=STOPPED)
        states.remove(Recipient.State.WAITING)
    if Recipient.State.WAITING in states and states & {Recipient.State.UNKNOWN, Recipient.State.ACCEPTED}:
        apart = open_batch(
            batch.mailing_id,
            list(waiting.values_list("pk", flat=True)),
            variant=batch.variant_id,
            attempts=batch.attempts,
            first=batch.first,
        )
        Batch.objects.filter(pk=apart.pk).update(
            not_before=not_before, deferrals=batch.deferrals, deferred_since=batch.deferred_since
        )
        states.remove(Recipient.State.WAITING)
    if Recipient.State.UNKNOWN in states:
        batch.state = Batch.State.UNKNOWN
    elif Recipient.State.WAITING in states:
        batch.state, batch.not_before = Batch.State.WAITING, not_before
    else:
        batch.state, batch.answered_at = Batch.State.ANSWERED, timezone.now()
    batch.owner, batch.lease_until, batch.current_recipient = "", None, None
    batch.save(
        update_fields=["state", "not_before", "answered_at", "owner", "lease_until", "current_recipient"]
    )
    if batch.first:
        _release_rest_after_canary(batch.mailing_id)


def _states_in(batch: Batch) -> set[str]:
    return set(Recipient.objects.filter(batch=batch).order_by().values_list("state", flat=True).distinct())


def _is_stopped(mailing_id: int) -> bool:
    """Return whether the mailing is stopped, also by a stop that is being committed now and cannot see the batch."""
    return lock_mailing(mailing_id).state == Mailing.State.STOPPED


def _release_rest_after_canary(mailing_id: int) -> None:
    """Once the whole canary batch was sent, release the rest after a waiting time."""
    going = (Batch.State.WAITING, Batch.State.POSTING)
    if Batch.objects.filter(mailing=mailing_id, first=True, state__in=going).exists():
        return
    if not Mailing.objects.filter(pk=mailing_id, canary_pending=True).update(canary_pending=False):
        return
    size = Mailing.objects.values_list("canary_size", flat=True).get(pk=mailing_id)
    minutes = sending_settings().canary_minutes
    defer_mailing(
        mailing_id,
        timezone.now() + timedelta(minutes=minutes),
        f"We have sent the email to the first {size:,} recipients. We are watching for bounces and complaints for "
        f"{minutes:g} minutes before we send it to the rest (NEWSLETTER_CANARY_PERCENT).",
    )


def close_mailing_if_done(mailing_id: int) -> bool:
    """Mark a mailing as sent once its counts prove that nothing is open; return whether it is over."""
    if raw_sql.directly(sending_sql.FIND_OPEN_BATCH, [mailing_id]).fetchone() is not None:
        return False
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update().select_related("issue").get(pk=mailing_id)
        if mailing.finished_at is not None:
            _correct_issue(mailing)
            return True
        proven = count_recipients(mailing)
        if proven.open or not proven.add_up:
            return False
        mailing.finished_at = timezone.now()
        if mailing.state != Mailing.State.STOPPED:
            mailing.state, mailing.pause_reason = Mailing.State.SENT, ""
        mailing.save(update_fields=["state", "pause_reason", "finished_at"])
        _close_issue(mailing, reached_somebody=proven.accepted > 0)
    return True


def _correct_issue(mailing: Mailing) -> None:
    """Mark the issue as sent if evidence proves that somebody received it after all."""
    if not mailing.sends_the_issue:
        return
    issue = mailing.issue
    said_nobody = issue.state == Issue.State.CANCELLED or (
        issue.state == Issue.State.BLOCKED and issue.blocked_reason == NOBODY_GOT_IT
    )
    if said_nobody and count_recipients(mailing).accepted:
        _close_issue(mailing, reached_somebody=True)
        issue.blocked_reason = ""
        issue.save(update_fields=["blocked_reason"])


def _close_issue(mailing: Mailing, *, reached_somebody: bool) -> None:
    if not mailing.sends_the_issue:
        return
    issue = mailing.issue
    if reached_somebody:
        issue.state, issue.sent_at = Issue.State.SENT, issue.sent_at or mailing.finished_at
    else:
        stopped = mailing.state == Mailing.State.STOPPED
        issue.state = Issue.State.CANCELLED if stopped else Issue.State.BLOCKED
        issue.blocked_reason = "" if stopped else NOBODY_GOT_IT
    issue.save(update_fields=["state", "sent_at", "blocked_reason"])
