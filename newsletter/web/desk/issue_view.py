"""Everything that the page of one issue shows."""

from dataclasses import dataclass

from newsletter.errors import NewsletterError
from newsletter.issues import issue_audit
from newsletter.issues.approvals import current_approval
from newsletter.issues.articles_left_out import LeftOut, articles_left_out
from newsletter.issues.cancel_issue import why_not_cancel
from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.default_subject import headline
from newsletter.issues.edit_issue import texts_version
from newsletter.issues.item_order import is_printed, items_to_print
from newsletter.issues.models import Approval, AuditEntry, Issue, Item
from newsletter.issues.open_draft import why_not_edit
from newsletter.rendering.delivered_size import delivered_bytes
from newsletter.rendering.email import Email
from newsletter.scheduling.approval import ApprovalNow, approval_now, why_not_approve, why_not_withdraw
from newsletter.scheduling.dateline import changes_on_another_day, schedule_of
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.schedule import why_not_schedule, why_not_send, why_not_unschedule
from newsletter.sending.audience import audience_sentence
from newsletter.sending.email_warnings import warnings_of
from newsletter.sending.ledger import RecipientCounts, count_reasons, count_recipients
from newsletter.sending.mailing_controls import (
    retryable_recipients,
    why_not_pause,
    why_not_resume,
    why_not_retry,
    why_not_stop,
)
from newsletter.sending.models import Mailing
from newsletter.sending.plan import find_mailing
from newsletter.sending.status_sentences import Status, issue_status, mailing_status
from newsletter.sending.test_send import current_emails, preview_for_anyone


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
class EmailView:
    """The email as a reader sees it, with the digest of all variants that approval compares; or why there is none."""

    email: Email | None = None
    digest: str = ""
    problem: str = ""
    kilobytes: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """An issue and what its page shows. `why_not` has a sentence for each action, which is empty if it is allowed.

    If `to_come` is false, the mailing has been planned, or the issue was sent or cancelled.
    """

    issue: Issue
    status: Status
    to_come: bool
    email: EmailView
    approval: Approval | None
    ended: Approval | None
    changes: list[str]
    on_another_day: str
    schedule: Schedule | None
    mailing: MailingView | None
    why_not: dict[str, str]
    audience: str
    items: list[tuple[Item, str]]
    left_out: list[tuple[Item, str]]
    passed_over: list[LeftOut]
    texts_version: str
    history: list[AuditEntry]


def issue_view(issue: Issue) -> IssueView:
    """Return what the page of an issue shows now."""
    mailing = find_mailing(issue)
    to_come = issue.state in CHANGEABLE and mailing is None
    now = approval_now(issue) if to_come else ApprovalNow(current_approval(issue), None, [])
    return IssueView(
        issue=issue,
        status=issue_status(issue),
        to_come=to_come,
        email=email_view(issue),
        approval=now.standing,
        ended=now.ended,
        changes=now.changes,
        on_another_day=changes_on_another_day(now.standing) if now.standing and now.is_valid else "",
        schedule=schedule_of(issue),
        mailing=mailing_view(mailing) if mailing else None,
        why_not=_why_not(issue, now) if to_come else {},
        audience=audience_sentence(issue) if to_come else "",
        items=[(item, headline(item)) for item in items_to_print(issue)],
        left_out=_left_out(issue),
        passed_over=articles_left_out(issue) if to_come else [],
        texts_version=texts_version(issue),
        history=list(issue_audit.entries(issue=issue)[:100]),
    )


def email_view(issue: Issue) -> EmailView:
    """Return the email of an issue for the preview."""
    try:
        emails = current_emails(issue)
        return EmailView(
            email=preview_for_anyone(emails.main, issue),
            digest=emails.digest,
            kilobytes=delivered_bytes(emails.main) // 1_000,
            warnings=tuple(warnings_of(issue, emails.main)),
        )
    except NewsletterError as error:
        return EmailView(problem=str(error))


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
        "edit": why_not_edit(issue),
        "approve": why_not_approve(issue),
        "withdraw": why_not_withdraw(issue),
        "send": why_not_send(issue, approval),
        "schedule": why_not_schedule(issue),
        "unschedule": why_not_unschedule(issue),
        "cancel": why_not_cancel(issue),
    }


def _left_out(issue: Issue) -> list[tuple[Item, str]]:
    rows = issue.items.select_related("article")
    return [(item, headline(item)) for item in rows if not is_printed(item)]
