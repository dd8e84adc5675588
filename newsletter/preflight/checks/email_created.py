"""Check that the email can be created, and has something in it."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule

CHECK = "email"
NOT_CREATED = Rule(
    "email.not-created",
    "The email cannot be created",
    Level.ERROR,
    "Without an email, there is nothing to approve or send.",
    "Correct the problem described above.",
    Basis("How this software works"),
)
RULES = (NOT_CREATED,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Say why the email cannot be created."""
    if checked.problem:
        yield NOT_CREATED.found(checked.problem, Place("contents"))
