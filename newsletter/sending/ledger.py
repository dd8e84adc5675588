"""The rules of the ledger that planning, sending, settling and people's decisions share.

The state of a batch follows from its recipients, and the end of a mailing follows from its counts. Only `close_batch`
and `close_mailing_if_done` set them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from newsletter.accounts.audit_log import Changes
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue
from newsletter.sending.models import Batch, Decision, Mailing, NoSuchMailbox, Recipient
from newsletter.sending.open_batches import STOPPED, lock_mailing, open_batch
from newsletter.sending.outcomes import RecipientsOutcome, Rejected
from subscribers.clean_text import on_one_line
from subscribers.database import portions
from subscribers.leases import CLOCKS_DIFFER
from subscribers.phrases import written_moment

NOBODY_GOT_IT = "Nobody in the audience received the issue. Check the mailing to see why, then retry it."
HAVE_REASONS = (Recipient.State.SKIPPED, Recipient.State.REJECTED, Recipient.State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientCounts:
    """How many recipients of a mailing are in each state. `posting` is the part of `waiting` that is being sent."""

    audience: int
    waiting: int = 0
    accepted: int = 0
    skipped: int = 0
    rejected: int = 0
    unknown: int = 0
    posting: int = 0

    @property
    def add_up(self) -> bool:
        """Whether every planned recipient is in one of the states."""
        return self.audience == self.waiting + self.accepted + self.skipped + self.rejected + self.unknown

    @property
    def open(self) -> int:
        """How many recipients do not have a final state yet."""
        return self.waiting + self.unknown

    def to_dict(self) -> dict[str, int]:
        """Return the counts for JSON."""
        return asdict(self)


def count_recipients(mailing: Mailing) -> RecipientCounts:
    """Count the recipients of a mailing by state."""
    recipients = Recipient.objects.filter(batch__mailing=mailing)
    counted = dict(recipients.order_by().values_list("state").annotate(Count("pk")))
    posting = recipients.filter(batch__state=Batch.State.POSTING, state=Recipient.State.WAITING).count()
    return RecipientCounts(audience=mailing.audience, posting=posting, **counted)


def count_reasons(mailing: Mailing) -> dict[str, dict[str, int]]:
    """Count the reasons for which recipients were skipped, rejected or unknown: {state: {reason: count}}."""
    found: dict[str, dict[str, int]] = {}
    rows = (
        # By state, so that the rows of a great many accepted people need not be read.
        Recipient.objects.filter(batch__mailing=mailing, state__in=HAVE_REASONS)
        .exclude(reason="")
        .values_list("state", "reason")
        .annotate(count=Count("pk"))
        .order_by("state", "-count", "reason")
    )
    for state, reason, count in rows:
        found.setdefault(state, {})[reason] = count
    return found


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A recipient for people to read; the address is empty if the person was erased."""

    recipient: int
    address: str
    state: str
    reason: str
    batch: int

    def to_dict(self) -> dict[str, object]:
        """Return the row for JSON."""
        return asdict(self)


def recipients_of(mailing: Mailing, state: Recipient.State | None = None) -> Iterator[RecipientRow]:
    """Yield the recipients of a mailing, all of them or those in one state."""
    recipients = Recipient.objects.filter(batch__mailing=mailing)
    if state is not None:
        recipients = recipients.filter(state=state)
    rows = recipients.values_list("pk", "subscriber__address", "state", "reason", "batch__number")
    for recipient, address, now, reason, batch in rows.order_by("pk").iterator(chunk_size=2_000):
        yield RecipientRow(recipient, address or "", now, reason, batch)


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
    minutes = settings.NEWSLETTER.canary_minutes
    defer_mailing(
        mailing_id,
        timezone.now() + timedelta(minutes=minutes),
        f"We have sent the email to the first {size:,} recipients. We are watching for bounces and complaints for "
        f"{minutes:g} minutes before we send it to the rest (NEWSLETTER_CANARY_PERCENT).",
    )


def defer_mailing(mailing_id: int, until: datetime, reason: str) -> bool:
    """Defer a mailing until a time, unless it is already deferred for longer; return whether that changed anything."""
    now = timezone.now()
    shorter = Q(not_before=None) | Q(not_before__lt=until) | Q(deferred_at__gt=now + CLOCKS_DIFFER)
    earlier = Mailing.objects.filter(shorter, pk=mailing_id)
    return bool(earlier.update(not_before=until, deferred_at=now, defer_reason=on_one_line(reason)))


def deferred_until(mailing: Mailing) -> datetime | None:
    """Return the time until which a mailing is deferred; None if it is not."""
    now = timezone.now()
    if mailing.not_before is None or mailing.not_before <= now:
        return None
    was_set_back = mailing.deferred_at is not None and mailing.deferred_at > now + CLOCKS_DIFFER
    return None if was_set_back else mailing.not_before


def why_deferred(mailing: Mailing) -> str:
    """Say until when a mailing is deferred, and why; empty if it is not."""
    until = deferred_until(mailing)
    if mailing.state != Mailing.State.SENDING or until is None:
        return ""
    until = until.astimezone(UTC)
    return f"Sending will continue at {written_moment(until)}:{until:%S} UTC. {mailing.defer_reason}".strip()


def close_mailing_if_done(mailing_id: int) -> bool:
    """Mark a mailing as sent once its counts prove that nothing is open; return whether it is over."""
    if Batch.objects.filter(mailing=mailing_id).exclude(state=Batch.State.ANSWERED).exists():
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
