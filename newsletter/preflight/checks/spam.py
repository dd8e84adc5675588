"""Check what SpamAssassin said about the email, where it is installed. It is not run here."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule, Thing
from newsletter.preflight.models import SpamScore

CHECK = "spam"
LIKE_SPAM = Rule(
    "spam.score",
    "SpamAssassin treats the email as spam",
    Level.WARNING,
    "Many mail servers use these rules, and move emails like this to the spam folder.",
    "Change what triggers the rules, starting with the rules that give the most points.",
    Basis("SpamAssassin’s rules on this server", "https://spamassassin.apache.org/"),
)
RULES = (LIKE_SPAM,)
# SpamAssassin's own limit is 5.0; filters of others are often stricter.
TOO_MUCH = 4.0


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Give the score, with the rules that raised it."""
    row = SpamScore.objects.filter(digest=checked.digest).first() if checked.digest else None
    if row is not None and row.score >= TOO_MUCH:
        place = Place("contents")
        things = [Thing(f"{points:.1f} {words}", place) for points, words in row.rules]
        what = (
            f"SpamAssassin gives this email {row.score:.1f} points. It treats emails with 5.0 points or "
            "more as spam."
        )
        yield LIKE_SPAM.found(what, place, things=things)
