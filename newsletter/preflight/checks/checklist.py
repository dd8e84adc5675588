"""Check that somebody has ticked each sentence of the publication’s own checklist for this issue."""

from collections.abc import Iterator

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.models import ChecklistTick
from newsletter.preflight.read_preflight_settings import checklist_of
from subscribers.phrases import counted

CHECK = "checklist"
NOT_TICKED = Rule(
    "checklist.not-ticked",
    "The checklist is not complete",
    Level.ERROR,
    "Your team has agreed that somebody confirms each sentence before an issue is approved.",
    "Confirm that each sentence is true, and tick it.",
    Basis("The checklist of the publication"),
)
RULES = (NOT_TICKED,)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Say how many sentences of the checklist nobody has ticked."""
    sentences = checklist_of(checked.publication)
    if not sentences:
        return
    ticked = set(ChecklistTick.objects.filter(issue=checked.issue).values_list("sentence", flat=True))
    missing = [sentence for sentence in sentences if sentence not in ticked]
    if missing:
        names = " ".join(f"“{sentence}”" for sentence in missing)
        what = f"Nobody has ticked {counted(len(missing), 'sentence', 'sentences')} of the checklist: {names}"
        yield NOT_TICKED.found(what, Place("review", "checklist"))
