"""Everything that the part “Send” shows: test emails, the approval, the send time, and the mailing."""

from dataclasses import dataclass
from uuid import uuid4

from newsletter.errors import NewsletterError
from newsletter.issues.approvals import current_approval
from newsletter.issues.cancel_issue import why_not_cancel
from newsletter.issues.look_up_audience import audience_mark
from newsletter.issues.models import Approval, Issue
from newsletter.preflight.stored_errors import stored_errors
from newsletter.proof.reviewed_in_words import open_comments_in_words
from newsletter.rendering.render_email import render_to_send
from newsletter.scheduling.approval import ApprovalNow, approval_now, why_not_approve, why_not_withdraw
from newsletter.scheduling.dateline import changes_on_another_day, dateline_day
from newsletter.scheduling.refuse_approval import why_not_ask, why_not_refuse
from newsletter.scheduling.schedule import why_not_schedule, why_not_unschedule
from newsletter.sending.audience import (
    AudienceRule,
    audience_is_large,
    audience_words,
    everybody_on_list,
    rule_for,
)
from newsletter.sending.left_out_by_basis import sentences_about_bases
from newsletter.sending.models import ProofGroup
from newsletter.sending.proof_groups import proof_groups
from newsletter.sending.send_now import why_not_send_now
from newsletter.sending.send_test_emails_once import TestResult, latest_request, request_sentence, results_of
from newsletter.sending.what_will_be_sent_sentence import send_sentence
from newsletter.sending.why_nobody import Nobody, why_nobody
from newsletter.web.desk.issue.issue_header import IssueHeader
from newsletter.web.desk.issue.mailing_view import MailingView, mailing_view


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsView:
    """The test emails: the proof groups, what came of the latest, and the key of the next form."""

    __test__ = False

    key: str
    groups: list[ProofGroup]
    sentence: str
    results: list[TestResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendView:
    """What the part “Send” shows of an issue.

    `what_happens` is one sentence about whom it is sent to and when. `whom` names the audience, if that sentence only
    has the number of people; `nobody` says why there are none. `digest` is that of the email that would be approved,
    `errors` are those that the latest checks found in it, and `audience` is the mark of its readers.
    `open_comments` says how many comments are open, if any are. `why_not` has a sentence for each action, which is
    empty if it is allowed.
    """

    what_happens: str
    nobody: Nobody | None
    whom: str
    left_out: list[str]
    counts_later: bool
    approval: Approval | None
    ended: Approval | None
    changes: list[str]
    on_another_day: str
    digest: str
    errors: list[str]
    audience: str
    open_comments: str
    tests: TestsView | None
    mailing: MailingView | None
    why_not: dict[str, str]


def send_view(header: IssueHeader) -> SendView:
    """Return what the part “Send” shows now."""
    issue, to_come = header.issue, header.to_come
    now = approval_now(issue) if to_come else ApprovalNow(current_approval(issue), None, [])
    digest, problem = _email_to_approve(header, now)
    is_large = to_come and audience_is_large(issue)
    whom = everybody_on_list(issue) if to_come else ""
    rule = rule_for(issue) if to_come and not is_large else None
    people = whom if is_large else _counted(header, rule) if rule else ""
    happens = send_sentence(issue, header.schedule, people, is_approved=now.is_valid)
    return SendView(
        what_happens=happens if to_come else "",
        nobody=_nobody(header, rule) if rule else None,
        whom="" if is_large else whom,
        left_out=sentences_about_bases(issue, rule) if rule else [],
        counts_later=is_large,
        approval=now.standing,
        ended=now.ended,
        changes=now.changes,
        on_another_day=changes_on_another_day(now.standing) if now.standing and now.is_valid else "",
        digest=digest,
        errors=stored_errors(issue, digest),
        audience=audience_mark(issue) if to_come else "",
        open_comments=open_comments_in_words(issue) if to_come else "",
        tests=_tests(issue) if to_come else None,
        mailing=mailing_view(header.mailing) if header.mailing else None,
        why_not=_why_not(header, now, problem) if to_come else {},
    )


def _email_to_approve(header: IssueHeader, now: ApprovalNow) -> tuple[str, str]:
    """Return the digest of the email that an approval would freeze, or why there is none."""
    if not header.to_come or now.is_valid:
        return "", ""
    try:
        return render_to_send(header.issue, dateline_day(header.issue, header.schedule)).digest, ""
    except NewsletterError as error:
        return "", str(error)


def _counted(header: IssueHeader, rule: AudienceRule) -> str:
    day = dateline_day(header.issue, header.schedule)
    return audience_words(header.issue, rule.size(day))


def _nobody(header: IssueHeader, rule: AudienceRule) -> Nobody | None:
    day = dateline_day(header.issue, header.schedule)
    return None if rule.people(day).exists() else why_nobody(rule, day)


def _tests(issue: Issue) -> TestsView:
    request = latest_request(issue)
    return TestsView(
        key=str(uuid4()),
        groups=proof_groups(issue.publication),
        sentence=request_sentence(request) if request else "",
        results=results_of(request) if request else [],
    )


def _why_not(header: IssueHeader, approval: ApprovalNow, problem: str) -> dict[str, str]:
    issue = header.issue
    return {
        "approve": why_not_approve(issue) or problem,
        "refuse": why_not_refuse(issue),
        "ask": why_not_ask(issue),
        "withdraw": why_not_withdraw(issue),
        "send": why_not_send_now(issue, approval),
        "schedule": why_not_schedule(issue),
        "unschedule": why_not_unschedule(issue) if header.schedule else "This issue has no send time.",
        "cancel": why_not_cancel(issue),
    }
