"""Whether an issue can still be changed, and the lock that every change to an issue takes."""

from newsletter.errors import NotFound, Refused
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue, Publication
from subscribers.database import locked

CHANGEABLE = (Issue.State.DRAFT, Issue.State.APPROVED, Issue.State.SCHEDULED, Issue.State.BLOCKED)
SETTINGS_CHANGED = "Somebody else has changed these settings since you opened them, so we did not save yours."


def can_change(issue: Issue) -> bool:
    """Return whether an issue has no mailing yet. If its mailing reached nobody, it is blocked: retry it instead."""
    return issue.state in CHANGEABLE and not issue.mailings.exists()


def why_not_change(issue: Issue, wanted: str) -> str:
    """Return why an issue can no longer be `wanted`, such as “approved”, or an empty string if it still can."""
    if can_change(issue):
        return ""
    name = issue_label_at_start(issue)
    if issue.state in CHANGEABLE:
        unreached = "its mailing did not reach anybody. Send that mailing again instead."
        return f"{name} {issue.state_predicate}, but {unreached}"
    return (
        f"{name} {issue.state_predicate}. Only an issue that has not been sent or cancelled can be {wanted}."
    )


def lock_publication(publication: Publication) -> Publication:
    """Lock the publication for this transaction and return it as it is now, so that two composes run in turn."""
    try:
        return locked(Publication.objects.all(), publication.pk)
    except Publication.DoesNotExist:
        raise NotFound(f"The publication “{publication.slug}” no longer exists.") from None


def refuse_changed_settings(seen: str | None, now: str) -> None:
    """Raise Refused if a form started from a version of the settings that is not that of now.

    Call this once the publication is locked. None stands for a caller without a form, which refuses nothing.
    """
    if seen is not None and seen != now:
        raise Refused(SETTINGS_CHANGED)


def lock_issue(issue: Issue) -> Issue:
    """Lock the issue's publication for this transaction, as every change does, and return the issue as it is now."""
    lock_publication(issue.publication)
    return Issue.objects.select_related("publication").get(pk=issue.pk)
