"""Describes the state of an issue, a mailing or a recipient in a label and a sentence, for every interface.

No sentence names a command or a button: each interface adds its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.issues.models import Issue
from newsletter.scheduling.dateline import schedule_of
from newsletter.scheduling.display_times import moment, seconds_left, send_time, span
from newsletter.scheduling.models import Schedule
from newsletter.sending.audience import LARGE, audience_at_once
from newsletter.sending.defer_mailing import why_deferred
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.models.mailing import SAVES_ONLY
from newsletter.sending.plan import find_mailing
from newsletter.sending.recipient_counts import RecipientCounts, count_on_the_way, count_recipients
from newsletter.sending.saved_not_sent import promise
from subscribers.phrases import counted as counted_in_words

NOBODY_RECEIVED = "Nobody received the email, because sending was not set up."


@dataclass(frozen=True, slots=True)
class Status:
    """A label such as “Blocked”, and the sentence that says what that means for this one."""

    label: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.label}. {self.sentence}"


ISSUES: Mapping[Issue.State, Status] = {
    Issue.State.APPROVED: Status("Approved", "This issue will be sent once somebody schedules or sends it."),
    Issue.State.CANCELLED: Status(
        "Cancelled", "This issue will not be sent. You can use its articles in other issues."
    ),
}
CHANGED_SINCE_APPROVAL = Status(
    "Needs approval", "This issue was changed after it was approved. Approve it again before it is sent."
)
RECIPIENTS: Mapping[Recipient.State, Status] = {
    Recipient.State.ACCEPTED: Status("Accepted", "The email was accepted for delivery."),
    Recipient.State.WAITING: Status("Waiting", "The email has not been sent yet."),
    Recipient.State.SKIPPED: Status("Left out", "The email was not sent, for the reason shown."),
    Recipient.State.REJECTED: Status("Rejected", "The email was rejected, for the reason shown."),
    Recipient.State.UNKNOWN: Status("Unknown", "We do not know whether the email was sent."),
}


def issue_status(issue: Issue) -> Status:
    """Return the status of an issue now."""
    has_time = issue.state in {Issue.State.DRAFT, Issue.State.SCHEDULED}
    return status_with(
        issue,
        schedule_of(issue) if has_time else None,
        find_mailing(issue) if issue.state in {Issue.State.SENDING, Issue.State.SENT} else None,
    )


def status_with(issue: Issue, schedule: Schedule | None, mailing: Mailing | None) -> Status:
    """Return the status of an issue whose schedule and mailing the caller has read already."""
    match issue.state:
        case Issue.State.APPROVED | Issue.State.CANCELLED:
            found = ISSUES[Issue.State(issue.state)]
            is_to_come = issue.state == Issue.State.APPROVED
            return Status(found.label, promise(found.sentence)) if is_to_come else found
        case Issue.State.DRAFT:
            return Status("Draft", _draft(schedule))
        case Issue.State.SCHEDULED:
            return _scheduled(issue, schedule)
        case Issue.State.SENDING:
            return _sending(mailing)
        case Issue.State.SENT:
            at = f" on {moment(issue.sent_at, issue.publication.tzinfo)}" if issue.sent_at else ""
            saved = mailing is not None and mailing.transport == SAVES_ONLY
            where = f" to a folder on the server. {NOBODY_RECEIVED}" if saved else "."
            return Status("Sent", f"This issue was sent{at}{where}")
        case _:
            return Status(
                "Blocked",
                issue.blocked_reason or "We will not send this issue until somebody decides what to do.",
            )


def _sending(mailing: Mailing | None) -> Status:
    if mailing is None:
        return Status("Sending", "Sending will start shortly.")
    if mailing.state == Mailing.State.SENDING and mailing.audience > LARGE:
        # Counting the recipients would delay every page that shows the status.
        sentence = f"The email is being sent to {_recipients(mailing.audience)}."
        return Status("Sending", promise(sentence, mailing.transport))
    return mailing_status(mailing)


def _accepted(mailing: Mailing, accepted: int) -> str:
    if mailing.transport == SAVES_ONLY:
        return (
            f"The emails for {_recipients(accepted)} were saved in a folder on the server. {NOBODY_RECEIVED}"
        )
    return f"The email was accepted for delivery to {_recipients(accepted)}."


def mailing_status(mailing: Mailing, counted: RecipientCounts | None = None) -> Status:
    """Return the status of a mailing now; `counted` has its recipient counts, if the caller knows them."""
    on_the_way = _on_the_way(mailing)
    if mailing.state == Mailing.State.PAUSED:
        if on_the_way:
            return Status("Pausing", f"{_ended(mailing.pause_reason)} {on_the_way}".strip())
        return Status("Paused", mailing.pause_reason)
    counted = counted or count_recipients(mailing)
    match mailing.state:
        case Mailing.State.STOPPED if on_the_way:
            return Status("Stopping", f"{on_the_way} {_unknown(counted)}".strip())
        case Mailing.State.STOPPED:
            return Status(
                "Stopped", f"The email will not be sent to anyone else. {_unknown(counted)}".strip()
            )
        case Mailing.State.SENT:
            return Status("Sent", _accepted(mailing, counted.accepted))
        case _:
            return Status("Sending", _open(mailing, counted))


def recipient_status(state: str) -> Status:
    """Return the status that a recipient's state means."""
    return RECIPIENTS[Recipient.State(state)]


def _draft(schedule: Schedule | None) -> str:
    if schedule is None:
        return "This issue will not be sent until somebody approves it."
    if schedule.approve_by is None:
        return promise(
            f"This issue will be sent on {send_time(schedule)} if somebody approves it before then."
        )
    deadline = moment(schedule.approve_by, schedule.tzinfo)
    return promise(f"This issue will be sent on {send_time(schedule)} if somebody approves it by {deadline}.")


def _scheduled(issue: Issue, schedule: Schedule | None) -> Status:
    if schedule is None:
        return Status("Scheduled", "This issue does not have a scheduled time.")
    audience = audience_at_once(issue)
    if not schedule.in_undo_window:
        return Status(
            "Scheduled", promise(f"This issue will be sent on {send_time(schedule)} to {audience}.")
        )
    left = seconds_left(schedule.due_at)
    if not left:
        return Status("Sending soon", promise(f"This issue is now being sent to {audience}."))
    return Status(
        "Sending soon",
        promise(f"This issue will be sent in {span(left)} to {audience}. You can undo this until then."),
    )


def _open(mailing: Mailing, counted: RecipientCounts) -> str:
    if counted.waiting:
        still = f"The email still has to be sent to {_recipients(counted.waiting)}."
        return " ".join(
            filter(None, [promise(still, mailing.transport), why_deferred(mailing), _unknown(counted)])
        )
    return _unknown(counted) or "The last emails are being sent."


def _on_the_way(mailing: Mailing) -> str:
    """Say to how many the email is being handed over although the mailing was paused or stopped; empty if to nobody."""
    halted = mailing.state in {Mailing.State.PAUSED, Mailing.State.STOPPED}
    count = count_on_the_way(mailing) if halted and mailing.finished_at is None else 0
    if not count:
        return ""
    return (
        f"It is too late to stop sending the email to {_recipients(count)}. It will not be sent to "
        f"anyone else{' until you resume the mailing' if mailing.state == Mailing.State.PAUSED else ''}."
    )


def _ended(reason: str) -> str:
    """Return a reason that somebody wrote, so that a sentence can follow it."""
    return f"{reason}." if reason and reason[-1] not in ".!?…" else reason


def _unknown(counted: RecipientCounts) -> str:
    if not counted.unknown:
        return ""
    return (
        f"We do not know whether {_recipients(counted.unknown)} received the email. We will not send it to "
        "them again, unless we find out that they did not receive it."
    )


def _recipients(count: int) -> str:
    return counted_in_words(count, "recipient", "recipients")
