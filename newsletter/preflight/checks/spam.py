"""Check what SpamAssassin said about the email, where it is installed. It is not run here."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule, Thing
from newsletter.preflight.models import SpamScore

CHECK = "spam"
LIKE_SPAM = Rule(
    "spam.score",
    "SpamAssassin takes the email for spam",
    Level.WARNING,
    "Many mail servers use its rules, and put such an email into the folder for spam.",
    "Change what the rules name, most points first.",
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
        what = f"SpamAssassin gives this email {row.score:.1f} points. From 5.0, it takes an email for spam."
        yield LIKE_SPAM.found(what, place, things=things)
