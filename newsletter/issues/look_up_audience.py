"""Looks up what the audience of an issue names: the texts of its segments, as they are now, and how pages call it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from newsletter.errors import Invalid
from newsletter.issues.audience_choice import AudienceChoice, choice_from_json
from newsletter.issues.lawful_contents import marks_of
from newsletter.issues.models import Issue, PastedList, Publication, SavedSegment
from subscribers.models import List
from subscribers.phrases import counted, listed, written_moment

PROMOTES = "promotes"
GONE = "The audience uses a segment that no longer exists. Choose again who receives the issue."


def choice_for(issue: Issue) -> AudienceChoice:
    """Return the audience that is chosen for an issue: its own, or else that of its publication. Raises Invalid."""
    return choice_from_json(issue.publication.audience if issue.audience is None else issue.audience)


def in_full(choice: AudienceChoice, mailing_list: List) -> dict[str, Any]:
    """Return a choice with the texts of its segments in place of their numbers, as an approval freezes it.

    Raises Invalid if a segment no longer exists.
    """
    texts = _segment_texts([choice.segment, *choice.without_segments], mailing_list)
    return {
        "list": mailing_list.slug,
        "segment": texts[choice.segment] if choice.segment else "",
        "exclusions": [texts[each] for each in choice.without_segments],
        "issues": list(choice.without_issues),
        "days": choice.without_days,
        "pasted": list(choice.without_pasted),
    }


def audience_in_full(issue: Issue) -> dict[str, Any]:
    """Return the audience of an issue in full, with what its parts are marked as promoting. Raises Invalid."""
    full = in_full(choice_for(issue), issue.publication.mailing_list)
    marks = marks_of(issue)
    return {**full, PROMOTES: marks} if marks else full


def audience_mark(issue: Issue) -> str:
    """Return a digest of the audience of an issue, which tells two apart, or an empty string if it cannot be used."""
    try:
        words = json.dumps(audience_in_full(issue), sort_keys=True)
    except Invalid:
        return ""
    return hashlib.sha256(words.encode()).hexdigest()


def change_of_audience(approved: Mapping[str, Any] | None, issue: Issue) -> list[str]:
    """Return a sentence if the audience of an issue is no longer the one that was approved, or else nothing."""
    if approved is None:
        return []
    try:
        now = audience_in_full(issue)
    except Invalid as error:
        return [str(error)]
    if now == approved:
        return []
    if {**now, PROMOTES: []} == {**approved, PROMOTES: []}:
        return [
            (
                "Somebody has changed what an article or block in the issue promotes, so the issue may now be sent "
                "to different people."
            )
        ]
    words = in_words(choice_for(issue), issue.publication)
    return [f"Somebody has changed the audience. The issue would now be sent to {words}."]


def in_words(choice: AudienceChoice, publication: Publication) -> str:
    """Return an audience as pages say it in a sentence, such as “everybody on the list “Readers”, without …”."""
    name = publication.mailing_list.name
    numbers = [each for each in (choice.segment, *choice.without_segments) if each]
    names = dict(SavedSegment.objects.filter(pk__in=numbers).values_list("pk", "name")) if numbers else {}
    whom = f"everybody on the list “{name}”"
    if choice.segment:
        whom = f"{_segment(names.get(choice.segment))} of the list “{name}”"
    left_out = [_segment(names.get(each)) for each in choice.without_segments]
    if choice.without_issues:
        left_out.append(f"people who received {issues_in_words(choice.without_issues, publication)}")
    if choice.without_days:
        days = "day" if choice.without_days == 1 else f"{choice.without_days} days"
        left_out.append(f"people who were sent an email in the last {days}")
    if choice.without_pasted:
        pasted = PastedList.objects.filter(pk__in=choice.without_pasted).select_related("publication")
        left_out += [pasted_in_words(each) for each in pasted]
    return f"{whom}, without {listed(left_out)}" if left_out else whom


def issues_in_words(numbers: Sequence[int], publication: Publication) -> str:
    """Return the names of issues for a sentence: those of the same publication by their numbers alone."""
    found = Issue.objects.filter(pk__in=numbers).select_related("publication").order_by("pk")
    return listed(
        [
            f"issue {each.number}"
            if each.publication_id == publication.pk
            else f"issue {each.number} of {each.publication.name}"
            for each in found
        ]
    )


def pasted_in_words(pasted: PastedList) -> str:
    """Return the name of a pasted list for a sentence, with the second, which tells two lists of a day apart."""
    count = counted(pasted.count, "pasted address", "pasted addresses")
    at = pasted.pasted_at.astimezone(pasted.publication.tzinfo)
    return f"{count} of {written_moment(at)}:{at:%S}"


def _segment_texts(numbers: Iterable[int | None], mailing_list: List) -> dict[int, str]:
    wanted = {each for each in numbers if each}
    if not wanted:
        return {}
    found = dict(
        SavedSegment.objects.filter(mailing_list=mailing_list).filter(pk__in=wanted).values_list("pk", "text")
    )
    if len(found) < len(wanted):
        raise Invalid(GONE)
    return found


def _segment(name: str | None) -> str:
    return f"the segment “{name}”" if name else "a segment that was removed"
