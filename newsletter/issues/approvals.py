"""An approval and how it ends: whatever changes an issue reopens it, and it must be approved anew.

Approving itself asks for the email, so it stands after rendering, in scheduling/approval.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Approval, Issue
from subscribers.text import written_day


def current_approval(issue: Issue) -> Approval | None:
    """What was approved of an issue and was not changed or taken back since."""
    return Approval.objects.filter(issue=issue, withdrawn_at=None).first()


def last_ended_approval(issue: Issue) -> Approval | None:
    """The last approval that a change, or a person, ended."""
    return issue.approvals.exclude(withdrawn_at=None).order_by("-withdrawn_at", "-pk").first()


def keep_approval(
    issue: Issue,
    emails: Sequence[Mapping[str, Any]],
    digest: str,
    day: date,
    *,
    subject: str,
    state: Issue.State,
) -> Approval:
    """Keep the emails that the person who acts approved of an issue for a day, in place of an approval that stands.

    Inside a transaction that locks the publication.
    """
    before = issue.state
    reopen_issue(issue, "Approved anew.")
    actor = current_actor()
    approval = Approval.objects.create(
        issue=issue,
        emails=emails,
        digest=digest,
        day=day,
        approved_by=actor.name,
        account=actor.account,
        approved_at=timezone.now(),
    )
    issue.state, issue.blocked_reason = state, ""
    issue.save(update_fields=["state", "blocked_reason"])
    record(
        "approve",
        f"Approved “{subject}” for {written_day(day)}.",
        issue=issue,
        changes={"state": [before, issue.state], "email": [None, digest]},
    )
    return approval


def reopen_issue(issue: Issue, because: str) -> bool:
    """Make an issue that has not gone a draft again, and end its approval; says whether it had one.

    Inside a transaction that holds the publication (changeable.lock_issue). A time that was set stays, and holds again
    once the issue is approved anew.
    """
    ended = Approval.objects.filter(issue=issue, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_reason=because
    )
    before = issue.state
    if issue.state != Issue.State.DRAFT:
        issue.state, issue.blocked_reason = Issue.State.DRAFT, ""
        issue.save(update_fields=["state", "blocked_reason"])
    if ended:
        record(
            "reopen",
            f"Must be approved anew: {because}",
            issue=issue,
            changes={"state": [before, issue.state]},
        )
    return bool(ended)
