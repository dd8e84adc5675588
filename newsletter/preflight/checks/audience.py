"""Check who would receive the issue."""

from collections.abc import Iterator

from newsletter.errors import NewsletterError
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.sending.audience import audience_is_empty

CHECK = "audience"
PLACE = Place("review", "audience")
NOBODY = Rule(
    "audience.nobody",
    "Nobody would receive the issue",
    Level.ERROR,
    "The issue would be sent to no one, and would count as sent.",
    "Choose who receives the issue, or add people to the list.",
    Basis("How this software works"),
)
RULES = (NOBODY,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Say that nobody would receive the issue."""
    try:
        is_empty = audience_is_empty(checked.issue)
    except NewsletterError as error:
        yield NOBODY.found(str(error), PLACE)
        return
    if is_empty:
        name = checked.publication.mailing_list.name
        what = f"Nobody would receive this issue: the list “{name}” has no active subscribers."
        yield NOBODY.found(what, PLACE)
