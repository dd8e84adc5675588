"""Chooses who receives an issue. The choice is in the issue's versions, and ends an approval as any change does."""

import json
from dataclasses import replace
from hashlib import sha256

from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.audience_choice import AudienceChoice, choice_to_json
from newsletter.issues.issue_versions import require_state_seen
from newsletter.issues.locked_draft import open_draft
from newsletter.issues.look_up_audience import choice_for, in_full, in_words
from newsletter.issues.models import Issue, PastedList, Publication, SavedSegment
from newsletter.issues.pasted_exclusions import PastedText, keep_pasted
from newsletter.issues.visible_to_actor import visible
from subscribers.models import List

ONLY_THIS_LIST = "This segment belongs to a different list. Choose a segment for the list “{}”."


def choose_audience(
    issue: Issue,
    choice: AudienceChoice | None,
    *,
    pasted: PastedText | None = None,
    seen: str | None = None,
    audience_seen: str | None = None,
) -> None:
    """Choose who receives an issue. None stands for the audience of its publication.

    The addresses in `pasted` are left out as well. `seen` is the `state_seen` that the form started from, and
    `audience_seen` its `audience_version`. Raises Refused once the issue can no longer be changed, if somebody else has
    changed it since, or if anybody has changed its audience since, and Invalid and NotFound for a choice that cannot be
    used.
    """
    with open_draft(issue) as draft:
        require_state_seen(draft.issue, seen)
        _require_audience_seen(draft.issue, audience_seen)
        publication = draft.issue.publication
        if choice is not None:
            check_choice(choice, publication)
            if choice.without_issues and draft.issue.pk in choice.without_issues:
                raise Invalid(
                    "You cannot leave out the recipients of this issue itself. Choose other issues."
                )
            if pasted is not None and pasted.keys:
                choice = with_pasted(choice, publication, pasted)
        draft.issue.audience = None if choice is None else choice_to_json(choice)
        draft.did = f"Chose the audience: {in_words(choice_for(draft.issue), publication)}."


def audience_version(issue: Issue) -> str:
    """Return a short text that names the audience that was chosen for an issue, for `choose_audience`."""
    return sha256(json.dumps(issue.audience, sort_keys=True).encode()).hexdigest()[:16]


def _require_audience_seen(issue: Issue, seen: str | None) -> None:
    # Also what the same person chose in another window counts: people who were left out there would get the issue.
    if seen is None or seen == audience_version(issue):
        return
    raise Refused(
        "You changed the audience in another window after you opened this page. The issue will now go to "
        f"{in_words(choice_for(issue), issue.publication)}. Your change was not made. Open this page again, then "
        "make your change."
    )


def with_pasted(choice: AudienceChoice, publication: Publication, pasted: PastedText) -> AudienceChoice:
    """Store pasted addresses, and return the choice that leaves them out too. Call this inside a transaction."""
    kept = keep_pasted(publication, pasted)
    return replace(choice, without_pasted=(*choice.without_pasted, kept.pk))


def check_choice(choice: AudienceChoice, publication: Publication) -> None:
    """Check that a publication can use a choice, and lock its segments, so that they are not removed meanwhile.

    Raises Invalid for a segment of another list or one that is wrong, and NotFound for what the actor cannot see.
    """
    _require_segments(choice, publication.mailing_list)
    issues = visible(Issue.objects.filter(pk__in=choice.without_issues))
    if issues.count() < len(choice.without_issues):
        raise NotFound(
            "We could not find one of the issues whose recipients you want to leave out. Choose the issues "
            "again."
        )
    pasted = PastedList.objects.filter(pk__in=choice.without_pasted, publication=publication)
    if pasted.count() < len(choice.without_pasted):
        raise NotFound("We could not find one of the pasted lists of addresses. Choose the lists again.")
    in_full(choice, publication.mailing_list)


def _require_segments(choice: AudienceChoice, mailing_list: List) -> None:
    wanted = {each for each in (choice.segment, *choice.without_segments) if each}
    if not wanted:
        return
    found = dict(
        SavedSegment.objects.select_for_update().filter(pk__in=wanted).values_list("pk", "mailing_list")
    )
    if len(found) < len(wanted):
        missing = ", ".join(str(each) for each in sorted(wanted - set(found)))
        raise NotFound(
            f"We could not find the segment {missing}. Somebody may have removed it. Choose the segments again."
        )
    if set(found.values()) != {mailing_list.pk}:
        raise Invalid(ONLY_THIS_LIST.format(mailing_list.name))
