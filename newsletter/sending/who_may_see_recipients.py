"""Who may see by name the people whom an issue is sent to: those who prepare, approve and send it."""

from newsletter.accounts.actor import Role, why_not_role
from newsletter.issues.models import Issue

MAY_SEE_PEOPLE = (Role.EDITOR, Role.APPROVER, Role.SENDER)


def why_not_see_people(issue: Issue) -> str:
    """Return why the current actor may not see who receives an issue, or an empty string if they may."""
    return why_not_role(MAY_SEE_PEOPLE, "Seeing who receives an issue", publication=issue.publication_id)
