"""Check the size of the email: Gmail shows only the beginning of a large one."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.rendering.delivered_html_size import GMAIL_CLIPS_AT, WARN_AT, delivered_bytes, size_warning

CHECK = "size"
MEASURED = Basis(
    "Measured by others, between 99,500 and 100,200 bytes. Google does not publish its limit",
    "https://github.com/hteumeuleu/email-bugs/issues/41",
    "November 2026",
)
WHY = "Gmail hides the end of a long email behind a link. The unsubscribe link is at the end."
CLIPPED = Rule(
    "size.clipped",
    "Gmail cuts off the email",
    Level.ERROR,
    WHY,
    "Remove articles or shorten the introduction.",
    MEASURED,
)
NEARLY_CLIPPED = Rule(
    "size.nearly-clipped",
    "Gmail nearly cuts off the email",
    Level.WARNING,
    WHY,
    "Do not add anything else.",
    MEASURED,
)
RULES = (CLIPPED, NEARLY_CLIPPED)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Measure each variant of the email as it is delivered to the reader with the longest values."""
    for variant in checked.emails.variants if checked.emails else ():
        size = delivered_bytes(variant.email)
        if size >= WARN_AT:
            rule = CLIPPED if size >= GMAIL_CLIPS_AT else NEARLY_CLIPPED
            yield rule.found(size_warning(variant.email), Place("contents"))
