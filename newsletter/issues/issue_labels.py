"""How sentences name an issue."""

from newsletter.issues.models import Issue


def issue_label(issue: Issue) -> str:
    """How a sentence names an issue."""
    return f"issue {issue.number} of {issue.publication.name}"


def issue_label_at_start(issue: Issue) -> str:
    """How a sentence that begins with an issue names it."""
    return f"I{issue_label(issue)[1:]}"
