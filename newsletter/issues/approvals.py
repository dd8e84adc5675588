"""An approval and how it ends: whatever changes an issue reopens it, and it must be approved anew.

Approving itself freezes the letter, so it stands after rendering, in scheduling/approval.py.
"""

from django.utils import timezone

from newsletter.issues.audit import record
from newsletter.issues.models import Approval, Issue

CHANGEABLE = (Issue.State.DRAFT, Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.HELD)


def can_change(issue: Issue) -> bool:
    """Whether an issue has no mailing yet. One whose mailing reached nobody is held, and is retried, not changed."""
    return issue.state in CHANGEABLE and Issue.objects.filter(pk=issue.pk, mailing=None).exists()


def standing_approval(issue: Issue) -> Approval | None:
    """What was approved of an issue and was not changed or taken back since."""
    return Approval.objects.filter(issue=issue, withdrawn_at=None).first()


def reopen(issue: Issue, because: str) -> bool:
    """Make an issue that has not gone a draft again, and end its approval; says whether it had one.

    Inside a transaction that holds the publication (compose.locked). A time that was set stays, and holds again
    once the issue is approved anew.
    """
    ended = Approval.objects.filter(issue=issue, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_because=because
    )
    before = issue.state
    if issue.state != Issue.State.DRAFT:
        issue.state, issue.held_because = Issue.State.DRAFT, ""
        issue.save(update_fields=["state", "held_because"])
    if ended:
        record(
            "reopen",
            f"Must be approved anew: {because}",
            issue=issue,
            changes={"state": [before, issue.state]},
        )
    return bool(ended)
