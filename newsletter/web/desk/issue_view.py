"""Everything that the page of one issue shows."""

from dataclasses import dataclass

from newsletter.errors import NewsletterError
from newsletter.issues import audit
from newsletter.issues.approvals import standing_approval
from newsletter.issues.cancel import why_not_cancel
from newsletter.issues.changeable import CHANGEABLE
from newsletter.issues.default_subject import headline
from newsletter.issues.drafts import why_not_edit
from newsletter.issues.editing import words_mark
from newsletter.issues.items import is_printed, items_to_print
from newsletter.issues.models import Approval, AuditEntry, Issue, Item
from newsletter.rendering.letter import Letter
from newsletter.scheduling.approval import ApprovalNow, approval_now, why_not_approve, why_not_withdraw
from newsletter.scheduling.dating import schedule_of, what_another_day_changes
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.schedule import why_not_schedule, why_not_send, why_not_unschedule
from newsletter.sending.audience import audience_sentence
from newsletter.sending.controls import (
    who_can_be_retried,
    why_not_pause,
    why_not_resume,
    why_not_retry,
    why_not_stop,
)
from newsletter.sending.ledger import Figures, figures, reasons
from newsletter.sending.models import Mailing
from newsletter.sending.plan import mailing_of
from newsletter.sending.status import Status, issue_status, mailing_status
from newsletter.sending.test_send import as_nobody_gets_it, emails_as_they_would_go


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingSheet:
    """A mailing: its figures, why people are where they are, and its status.

    `retry` is to how many it can be sent again; `why_not` has a sentence for each act, empty when it is allowed.
    """

    mailing: Mailing
    counted: Figures
    why: dict[str, dict[str, int]]
    status: Status
    retry: int
    why_not: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSheet:
    """The letter as a reader gets it, with the digest of all variants that approving compares; or why there is none."""

    letter: Letter | None = None
    digest: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An issue and what its page says. `why_not` has a sentence for each act, empty when it is allowed.

    Without `to_come` its mailing was planned, or it is over.
    """

    issue: Issue
    status: Status
    to_come: bool
    letter: LetterSheet
    approval: Approval | None
    ended: Approval | None
    changes: list[str]
    on_another_day: str
    schedule: Schedule | None
    mailing: MailingSheet | None
    why_not: dict[str, str]
    audience: str
    items: list[tuple[Item, str]]
    left_out: list[tuple[Item, str]]
    words_mark: str
    history: list[AuditEntry]


def sheet_of(issue: Issue) -> Sheet:
    """The sheet of an issue as it stands now."""
    mailing = mailing_of(issue)
    to_come = issue.state in CHANGEABLE and mailing is None
    now = approval_now(issue) if to_come else ApprovalNow(standing_approval(issue), None, [])
    return Sheet(
        issue=issue,
        status=issue_status(issue),
        to_come=to_come,
        letter=letter_sheet(issue),
        approval=now.standing,
        ended=now.ended,
        changes=now.changes,
        on_another_day=what_another_day_changes(now.standing) if now.standing and now.is_valid else "",
        schedule=schedule_of(issue),
        mailing=mailing_sheet(mailing) if mailing else None,
        why_not=_why_not(issue, now) if to_come else {},
        audience=audience_sentence(issue) if to_come else "",
        items=[(item, headline(item)) for item in items_to_print(issue)],
        left_out=_left_out(issue),
        words_mark=words_mark(issue),
        history=list(audit.entries(issue=issue)[:100]),
    )


def letter_sheet(issue: Issue) -> LetterSheet:
    """The letter of an issue to look at."""
    try:
        emails = emails_as_they_would_go(issue)
        return LetterSheet(letter=as_nobody_gets_it(emails.main, issue), digest=emails.digest)
    except NewsletterError as error:
        return LetterSheet(problem=str(error))


def mailing_sheet(mailing: Mailing) -> MailingSheet:
    """A mailing as the desk shows it."""
    counted = figures(mailing)
    again = who_can_be_retried(mailing).count() if mailing.finished_at else 0
    return MailingSheet(
        mailing=mailing,
        counted=counted,
        why=reasons(mailing),
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
