"""Everything that the part “Send” shows: the approval, the send time, and the mailing."""

from dataclasses import dataclass

from newsletter.issues.approvals import current_approval
from newsletter.issues.cancel_issue import why_not_cancel
from newsletter.issues.models import Approval, Issue
from newsletter.scheduling.approval import ApprovalNow, approval_now, why_not_approve, why_not_withdraw
from newsletter.scheduling.dateline import changes_on_another_day
from newsletter.scheduling.schedule import why_not_schedule, why_not_send, why_not_unschedule
from newsletter.sending.ledger import RecipientCounts, count_reasons, count_recipients
from newsletter.sending.mailing_controls import (
    retryable_recipients,
    why_not_pause,
    why_not_resume,
    why_not_retry,
    why_not_stop,
)
from newsletter.sending.models import Mailing
from newsletter.sending.status_sentences import Status, mailing_status
from newsletter.web.desk.issue.issue_header import IssueHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingView:
    """A mailing: its status, its figures, and the reasons for each recipient state.

    `retry` is the number of people it can be sent to again. `why_not` has a sentence for each action, which is empty
    if the action is allowed.
    """

    mailing: Mailing
    counted: RecipientCounts
    why: dict[str, dict[str, int]]
    status: Status
    retry: int
    why_not: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendView:
    """The approval, the send time and the mailing of an issue.

    `why_not` has a sentence for each action, which is empty if it is allowed.
    """

    approval: Approval | None
    ended: Approval | None
    changes: list[str]
    on_another_day: str
    mailing: MailingView | None
    why_not: dict[str, str]


def send_view(header: IssueHeader) -> SendView:
    """Return what the part “Send” shows now."""
    issue = header.issue
    now = approval_now(issue) if header.to_come else ApprovalNow(current_approval(issue), None, [])
    return SendView(
        approval=now.standing,
        ended=now.ended,
        changes=now.changes,
        on_another_day=changes_on_another_day(now.standing) if now.standing and now.is_valid else "",
        mailing=mailing_view(header.mailing) if header.mailing else None,
        why_not=_why_not(issue, now) if header.to_come else {},
    )


def mailing_view(mailing: Mailing) -> MailingView:
    """Return a mailing as the desk shows it."""
    counted = count_recipients(mailing)
    again = retryable_recipients(mailing).count() if mailing.finished_at else 0
    return MailingView(
        mailing=mailing,
        counted=counted,
        why=count_reasons(mailing),
        status=mailing_status(mailing, counted),
        retry=again,
        why_not={
            "pause": why_not_pause(mailing),
            "resume": why_not_resume(mailing),
            "stop": why_not_stop(mailing),
            "retry": why_not_retry(mailing, again),
        },
    )


def _why_not(issue: Issue, approval: ApprovalNow) -> dict[str, str]:
    return {
        "approve": why_not_approve(issue),
        "withdraw": why_not_withdraw(issue),
        "send": why_not_send(issue, approval),
        "schedule": why_not_schedule(issue),
        "unschedule": why_not_unschedule(issue),
        "cancel": why_not_cancel(issue),
    }
