"""How sentences name an issue."""

from newsletter.issues.models import Issue


def named(issue: Issue) -> str:
    """How a sentence names an issue."""
    return f"issue {issue.number} of {issue.publication.name}"


def at_start(issue: Issue) -> str:
    """How a sentence that begins with an issue names it."""
    return f"I{named(issue)[1:]}"
