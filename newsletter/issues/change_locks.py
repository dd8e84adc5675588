"""Whether an issue can still be changed, and the lock under which every change of an issue is made."""

from newsletter.errors import NotFound
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue, Publication
from subscribers.database import locked

CHANGEABLE = (Issue.State.DRAFT, Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.BLOCKED)


def can_change(issue: Issue) -> bool:
    """Whether an issue has no mailing yet. One whose mailing reached nobody is blocked, and is retried, not changed."""
    return issue.state in CHANGEABLE and Issue.objects.filter(pk=issue.pk, mailings=None).exists()


def why_not_change(issue: Issue, wanted: str) -> str:
    """Say that an issue was sent or given up, so that it cannot be `wanted`, such as “approved”; empty if it can."""
    if can_change(issue):
        return ""
    name = issue_label_at_start(issue)
    if issue.state in CHANGEABLE:
        return f"{name} is {issue.state}, and its mailing reached nobody. Send that mailing again instead."
    return f"{name} is {issue.state}. Only an issue that has not been sent can be {wanted}."


def lock_publication(publication: Publication) -> Publication:
    """The publication as it is now, for this transaction alone: two composes go one after the other."""
    try:
        return locked(Publication.objects.all(), publication.pk)
    except Publication.DoesNotExist:
        raise NotFound(f"The publication “{publication.slug}” is no longer there.") from None


def lock_issue(issue: Issue) -> Issue:
    """The issue as it is now, its publication locked by this transaction, as every change of an issue locks it."""
    lock_publication(issue.publication)
    return Issue.objects.select_related("publication").get(pk=issue.pk)
