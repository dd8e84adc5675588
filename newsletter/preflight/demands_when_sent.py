"""Asks again, when an issue is to be sent, for what is demanded of articles: references, reviews, and terms of use.

An approval is for an email. Whether a review is overdue depends on the day, and rules for topics and the terms of an
article can change later without any change of the email.
"""

from datetime import date, datetime

from newsletter.errors import refuse_if
from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.models import Issue
from newsletter.preflight.all_checks import check_issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.checks import references, reuse_terms, reviews
from newsletter.preflight.run_preflight import with_decisions
from newsletter.scheduling.approval import ApprovalNow
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.sending.send_now import send_now, why_not_send_now

WHAT_TO_DO = "Correct this, or ask an approver to overrule the error, then send the issue."


def why_not_release(issue: Issue, day: date | None = None) -> str:
    """Return which demands an issue does not meet on a day, and what to do, or an empty string.

    Without a day, it is the one on which the issue would be sent as it is scheduled. Errors that somebody overruled do
    not count, nor do rules that the publication turned off or made warnings.
    """
    found = with_decisions(
        issue, check_issue(CheckedIssue(issue, day), only=(references, reviews, reuse_terms))
    )
    errors = " ".join(finding.what for finding in found if finding.blocks_approval)
    return f"{errors} {WHAT_TO_DO}" if errors else ""


def why_not_send_checked(issue: Issue, approval: ApprovalNow | None = None) -> str:
    """Return why the current actor may not send an issue today, or an empty string if they may."""
    return why_not_send_now(issue, approval) or _unmet_today(issue)


def send_checked(issue: Issue, *, without_undo: bool = False) -> datetime:
    """Send an issue as `send_now` does. Raises Refused as well if it does not meet the demands today.

    Every door sends by this function.
    """
    refuse_if(_unmet_today(issue))
    return send_now(issue, without_undo=without_undo)


def sentence_about_demands(issue: Issue) -> str:
    """Say which demands a scheduled issue will not meet on its day, so that it would be blocked, or nothing."""
    schedule = schedule_of(issue)
    because = why_not_release(issue, dateline_day(issue, schedule)) if schedule else ""
    return (
        because
        and f"The issue would be blocked when it is due to be sent: {because.removesuffix(WHAT_TO_DO).strip()}"
    )


def _unmet_today(issue: Issue) -> str:
    return why_not_release(issue, dateline_day(issue, None)) if issue.state in CHANGEABLE else ""
