"""Gives an issue up: it will not be sent, its number stays used, and its articles are free for other issues."""

from django.db import transaction

from newsletter.errors import Refused
from newsletter.issues.compose import locked
from newsletter.issues.drafts import at_start
from newsletter.issues.models import Issue

CAN_BE_CANCELLED = (Issue.State.DRAFT, Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.HELD)


def cancel(issue: Issue) -> None:
    """Cancel an issue of which nothing has been sent. Raises Refused."""
    with transaction.atomic():
        locked(issue.publication)
        changed = Issue.objects.filter(pk=issue.pk, state__in=CAN_BE_CANCELLED).update(
            state=Issue.State.CANCELLED
        )
    issue.refresh_from_db()
    if not changed:
        raise Refused(f"{at_start(issue)} is {issue.state} and cannot be cancelled.")
