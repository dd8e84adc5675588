"""An approver’s decision that an error does not block the approval of an issue, and a change of mind."""

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.errors import Invalid, NotFound, Refused, refuse_if
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.models import Issue
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.finding import Finding, Level
from newsletter.preflight.models import OverruledFinding
from subscribers.phrases import quoted

ACT = "Overruling an error"
LONGEST_REASON = 500


def why_not_overrule(issue: Issue) -> str:
    """Return why the current actor may not overrule the errors of an issue, or an empty string if they may."""
    return why_not_role(Role.APPROVER, ACT, publication=issue.publication_id) or why_not_change(
        issue, "approved"
    )


def overrule(issue: Issue, fingerprint: str, reason: str) -> None:
    """Let an error no longer block the approval of an issue, for a reason that the audit log and the report show.

    Raises Refused, NotFound if the checks no longer find the error, and Invalid without a reason.
    """
    refuse_if(why_not_overrule(issue))
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(
            f"Enter a reason for ignoring the error. The reason can have up to {LONGEST_REASON} characters."
        )
    finding = find(issue, fingerprint)
    if finding.level is not Level.ERROR:
        raise Refused("Only errors block approval, so only errors need to be overruled.")
    actor = current_actor()
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_overrule(issue))
        decided = {
            "what": finding.what,
            "reason": reason,
            "overruled_by": actor.name[:150],
            "account": actor.account,
            "overruled_at": timezone.now(),
        }
        OverruledFinding.objects.update_or_create(issue=issue, finding=fingerprint, defaults=decided)
        record(
            "overrule",
            f"Overruled the error {quoted(finding.what)}. Reason: {reason}",
            issue=issue,
            changes={finding.rule: [None, reason]},
        )


def take_back(issue: Issue, fingerprint: str) -> None:
    """Let an error that was overruled block the approval again. Raises Refused, and NotFound if nobody overruled it."""
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_overrule(issue))
        row = OverruledFinding.objects.filter(issue=issue, finding=fingerprint).first()
        if row is None:
            raise NotFound("Nobody has overruled this error.")
        row.delete()
        record("overrule", f"The error {quoted(row.what)} blocks approval again.", issue=issue)


def find(issue: Issue, fingerprint: str) -> Finding:
    """Return the finding with this fingerprint, as the checks find it now. Raises NotFound."""
    found = next((each for each in check_now(issue) if each.fingerprint == fingerprint), None)
    if found is None:
        raise NotFound(
            "The checks no longer find this error. To see what they find now, open “Review” again."
        )
    return found


def mend(issue: Issue, fingerprint: str) -> str:
    """Make the mend that a finding offers, and return the sentence that says so.

    Raises Refused, NotFound if the checks no longer find it, and what the change itself raises.
    """
    refuse_if(why_not_edit(issue))
    remedy = find(issue, fingerprint).remedy
    if remedy is None:
        raise Refused(
            "We cannot correct this automatically. Follow the link to the place where you can correct it."
        )
    remedy.apply(issue)
    return remedy.done
