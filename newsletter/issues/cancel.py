"""Gives an issue up: it will not be sent, its number stays used, and its articles are free for other issues."""

from django.db import transaction

from newsletter.accounts.actor import Role, require
from newsletter.errors import Refused
from newsletter.issues.approvals import CHANGEABLE
from newsletter.issues.audit import record
from newsletter.issues.compose import locked
from newsletter.issues.labels import at_start
from newsletter.issues.models import Issue


def cancel(issue: Issue) -> None:
    """Cancel an issue of which nothing has been sent. Raises Refused."""
    require(Role.EDITOR, "Cancelling an issue")
    with transaction.atomic():
        locked(issue.publication)
        before = Issue.objects.values_list("state", flat=True).get(pk=issue.pk)
        changed = Issue.objects.filter(pk=issue.pk, state__in=CHANGEABLE, mailing=None).update(
            state=Issue.State.CANCELLED
        )
        if changed:
            record(
                "cancel",
                "Cancelled.",
                issue=issue,
                changes={"state": [before, Issue.State.CANCELLED.value]},
            )
    issue.refresh_from_db()
    if not changed:
        raise Refused(f"{at_start(issue)} is {issue.state} and cannot be cancelled.")
