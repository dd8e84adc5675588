"""Check that the fields that readers see first are filled."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule

CHECK = "empty fields"
PRACTICE = Basis("How mail programs show an inbox", as_of="November 2026")
SUBJECT = Rule(
    "fields.subject-empty",
    "The subject is empty",
    Level.ERROR,
    "Many readers delete an email without a subject, and filters count it as a sign of spam.",
    "Write a subject.",
    Basis("RFC 5322, section 3.6.5", "https://www.rfc-editor.org/rfc/rfc5322#section-3.6.5", "November 2026"),
)
PREHEADER = Rule(
    "fields.preheader-empty",
    "The preheader is empty",
    Level.ADVICE,
    "Inboxes then show the beginning of the email instead.",
    "Write a preheader.",
    PRACTICE,
)
INTRODUCTION = Rule(
    "fields.introduction-empty",
    "The introduction is empty",
    Level.ADVICE,
    "An introduction tells readers why this issue is worth reading.",
    "Write an introduction, unless this issue does not need one.",
    Basis("Editorial practice"),
)
RULES = (SUBJECT, PREHEADER, INTRODUCTION)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name each field that is empty."""
    issue = checked.issue
    if not issue.subject.strip():
        yield SUBJECT.found("The subject is empty.", Place("details", "subject"))
    if not issue.preheader.strip():
        what = "The preheader is empty, so inboxes show the beginning of the email instead."
        yield PREHEADER.found(what, Place("details", "preheader"))
    if not issue.opening.strip():
        yield INTRODUCTION.found("The introduction is empty.", Place("details", "opening"))
