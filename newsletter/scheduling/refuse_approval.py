"""Refusing to approve an issue, for a reason that goes back to its authors, and asking for approval again."""

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, roles_that_include, why_not_role
from newsletter.accounts.role_holders import holders
from newsletter.errors import Invalid, refuse_if
from newsletter.issues.approvals import close_refusal, current_approval, reopen_issue
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import ApprovalRefusal, Issue
from subscribers.clean_text import printable

LONGEST_REASON = 1_000


def open_refusal(issue: Issue) -> ApprovalRefusal | None:
    """Return why somebody did not approve an issue, unless approval was asked for or given since."""
    return ApprovalRefusal.objects.filter(issue=issue, closed_at=None).first()


def why_not_refuse(issue: Issue) -> str:
    """Return why the current actor may not refuse to approve an issue, or an empty string if they may."""
    return why_not_role(
        Role.APPROVER, "Refusing approval", publication=issue.publication_id
    ) or why_not_change(issue, "refused approval")


def refuse_approval(issue: Issue, reason: str) -> ApprovalRefusal:
    """Refuse to approve an issue for a reason, in place of an earlier refusal. This ends an approval that stands.

    Raises Refused, and Invalid without a reason.
    """
    refuse_if(why_not_refuse(issue))
    reason = printable(reason.replace("\r\n", "\n")).strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(
            f"Enter what has to change before the issue can be approved, in at most {LONGEST_REASON:,} characters."
        )
    actor = current_actor()
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_refuse(issue))
        close_refusal(issue)
        refusal = ApprovalRefusal.objects.create(
            issue=issue,
            reason=reason,
            refused_by=actor.name[:150],
            account=actor.account,
            refused_at=timezone.now(),
        )
        reopen_issue(issue, f"{actor.name} refused to approve the issue.")
        record(
            "refuse",
            f"Did not approve the issue. Reason: {reason}",
            issue=issue,
            changes={"reason": [None, reason]},
        )
    return refusal


def why_not_ask(issue: Issue) -> str:
    """Return why the current actor may not ask for the approval of an issue, or an empty string if they may."""
    missing = why_not_role(Role.AUTHOR, "Asking for approval", publication=issue.publication_id)
    if missing or current_approval(issue) is None:
        return missing or why_not_change(issue, "approved")
    return f"{issue_label_at_start(issue)} is already approved."


def others_can_approve(issue: Issue) -> bool:
    """Return whether somebody other than the current actor has the role to approve an issue."""
    approvers = holders(roles_that_include([Role.APPROVER]), publication=issue.publication_id)
    return approvers.exclude(pk=current_actor().account).exists()


def ask_for_approval(issue: Issue) -> None:
    """Ask the approvers to approve an issue, and close a refusal. Raises Refused."""
    refuse_if(why_not_ask(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_ask(issue))
        was_refused = close_refusal(issue)
        again = " again, after a refusal" if was_refused else ""
        record("ask-approval", f"Asked for approval{again}.", issue=issue)
