"""The names of an issue in sentences."""

from newsletter.issues.models import Issue


def issue_label(issue: Issue) -> str:
    """Return the name of an issue for the middle of a sentence."""
    return f"issue {issue.number} of {issue.publication.name}"


def issue_label_at_start(issue: Issue) -> str:
    """Return the name of an issue for the start of a sentence."""
    return f"I{issue_label(issue)[1:]}"
