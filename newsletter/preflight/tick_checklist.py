"""A person confirms that a sentence of the publication’s checklist is true of an issue, or takes that back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor
from newsletter.errors import NotFound, refuse_if
from newsletter.issues.change_locks import lock_issue, why_not_change
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue
from newsletter.preflight.models import ChecklistTick
from newsletter.preflight.read_preflight_settings import checklist_of


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the checklist, and who has ticked it for an issue, if somebody has."""

    text: str
    tick: ChecklistTick | None


def why_not_tick(issue: Issue) -> str:
    """Return why the current actor may not tick the checklist of an issue, or an empty string if they may."""
    may = any(
        current_actor().may(role, issue.publication_id)
        for role in (Role.AUTHOR, Role.APPROVER, Role.SENDER, Role.BOARD)
    )
    if not may:
        return "You need a role for this newsletter to tick the checklist. Ask an administrator."
    return why_not_change(issue, "changed")


def with_ticks(issue: Issue, checklist: Sequence[str]) -> Sequence[Sentence]:
    """Return the sentences of a checklist in order, each with its tick for an issue."""
    rows = ChecklistTick.objects.filter(issue=issue) if checklist else ()
    ticks = {tick.sentence: tick for tick in rows}
    return [Sentence(text, ticks.get(text)) for text in checklist]


def tick(issue: Issue, sentence: str, *, is_true: bool) -> None:
    """Tick a sentence for an issue in the name of the current actor, or take the tick back.

    Raises Refused, and NotFound if the checklist does not have the sentence.
    """
    refuse_if(why_not_tick(issue))
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_tick(issue))
        if sentence not in checklist_of(issue.publication):
            raise NotFound(
                "The checklist no longer contains this sentence. To see the current checklist, open "
                "“Review” again."
            )
        if not is_true:
            if ChecklistTick.objects.filter(issue=issue, sentence=sentence).delete()[0]:
                record("checklist", f"Removed the tick from “{sentence}”.", issue=issue)
            return
        actor = current_actor()
        _row, is_new = ChecklistTick.objects.get_or_create(
            issue=issue,
            sentence=sentence,
            defaults={
                "ticked_by": actor.name[:150],
                "account": actor.account,
                "ticked_at": timezone.now(),
            },
        )
        if is_new:
            record("checklist", f"Ticked “{sentence}”.", issue=issue)
