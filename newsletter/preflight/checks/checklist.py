"""Check that somebody has ticked each sentence of the publication’s own checklist for this issue."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from subscribers.phrases import counted

CHECK = "checklist"
NOT_TICKED = Rule(
    "checklist.not-ticked",
    "The checklist is incomplete",
    Level.ERROR,
    "Your team has agreed to confirm each sentence before an issue is approved.",
    "Check that each sentence is true, then tick it.",
    Basis("The publication’s checklist"),
)
RULES = (NOT_TICKED,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Say how many sentences of the checklist nobody has ticked."""
    missing = [sentence.text for sentence in checked.checklist if sentence.tick is None]
    if missing:
        names = " ".join(f"“{sentence}”" for sentence in missing)
        what = (
            f"{counted(len(missing), 'sentence in the checklist has', 'sentences in the checklist have')} "
            f"not been ticked: {names}"
        )
        yield NOT_TICKED.found(what, Place("review", "checklist"))
