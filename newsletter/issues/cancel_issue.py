"""Cancels an issue: it will not be sent, its number stays used, and other issues can use its articles."""

from django.db import transaction

from newsletter.accounts.actor import Role, why_not_role
from newsletter.errors import refuse_if
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue


def cancel_issue(issue: Issue) -> None:
    """Cancel an issue that has not been sent. Raises Refused with the sentence of `why_not_cancel`."""
    with transaction.atomic():
        found = lock_issue(issue)
        refuse_if(why_not_cancel(found))
        before, found.state = found.state, Issue.State.CANCELLED
        found.save(update_fields=["state"])
        record("cancel", "Cancelled.", issue=found, changes={"state": [before, found.state.value]})
    issue.refresh_from_db()


def why_not_cancel(issue: Issue) -> str:
    """Return why the current actor may not cancel an issue, or an empty string if they may."""
    return why_not_role(
        Role.EDITOR, "Cancelling an issue", publication=issue.publication_id
    ) or why_not_change(issue, "cancelled")
