"""Makes, changes and removes segments with a name, and says which audiences use them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from newsletter.issues.audience_choice import choice_from_json
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.issue_labels import issue_label
from newsletter.issues.models import Issue, Publication, SavedSegment
from subscribers.clean_text import printable
from subscribers.database import locked
from subscribers.models import List
from subscribers.phrases import counted, listed
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.select_people import chosen

CHANGING = "Changing segments"
MAX_SEGMENTS = 200
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class SegmentUse:
    """An audience that uses a segment: the name for a sentence, and what it belongs to."""

    name: str
    publication: Publication
    issue: Issue | None = None
    series: str = ""


def why_not_change_segments() -> str:
    """Return why the current actor may not change segments, or an empty string. Lists belong to all publications."""
    return why_not_role(Role.EDITOR, CHANGING)


def add_segment(mailing_list: List, name: str, text: str, *, form_key: str | None = None) -> SavedSegment:
    """Add a segment of a list. Raises InvalidFields with a sentence for each wrong field, and Refused."""
    require_role(Role.EDITOR, CHANGING)
    with transaction.atomic(), once(form_key) as form:
        if SavedSegment.objects.filter(mailing_list=mailing_list).count() >= MAX_SEGMENTS:
            raise Refused(
                f"The list “{mailing_list.name}” has {MAX_SEGMENTS} segments, which is the maximum. First "
                "remove a segment that you do not use."
            )
        segment = SavedSegment(mailing_list=mailing_list, name=_clean(name), text=_clean(text))
        _check_and_save(segment)
        _record(segment, f"Added the segment “{segment.name}”.", None)
        form.made = str(segment.pk)
    return segment


def segment_version(segment: SavedSegment) -> str:
    """Return a digest of a segment, which tells one version from another."""
    return text_version(f"{segment.name}\0{segment.text}")


def change_segment(segment: SavedSegment, name: str, text: str, *, seen: str | None = None) -> bool:
    """Change a segment, and return whether anything differs. Issues that use it and were approved need approval again.

    `seen` is the `segment_version` that a form started from. Raises Refused if it was changed since, and InvalidFields.
    """
    require_role(Role.EDITOR, CHANGING)
    with transaction.atomic():
        found = lock_segment(segment)
        name, text = _clean(name), _clean(text)
        if (found.name, found.text) == (name, text):
            return False
        if seen is not None and seen != segment_version(found):
            raise Refused(
                f"Somebody else has changed this segment since you opened it. It is now “{found.name}”: "
                f"{found.text}. To replace it with yours, save again."
            )
        before = found.name
        found.name, found.text = name, text
        _check_and_save(found)
        _record(found, f"Changed the segment “{found.name}”.", before)
    return True


def remove_segment(segment: SavedSegment) -> None:
    """Remove a segment. Raises Refused as long as an audience uses it."""
    require_role(Role.EDITOR, CHANGING)
    with transaction.atomic():
        found = lock_segment(segment)
        if why_not := why_not_remove(found):
            raise Refused(why_not)
        number, sentence = found.pk, f"Removed the segment “{found.name}”."
        found.delete()
        audit_log.write(
            "segment", sentence, thing=f"segment {number}", changes={"name": [segment.name, None]}
        )


def why_not_remove(segment: SavedSegment) -> str:
    """Return why a segment cannot be removed, with what uses it, or an empty string if it can."""
    uses = uses_of(segment)
    if not uses:
        return ""
    names = [each.name for each in uses[:MOST_NAMED]]
    if len(uses) > MOST_NAMED:
        names.append(counted(len(uses) - MOST_NAMED, "other audience", "other audiences"))
    return (
        f"The segment “{segment.name}” is used for {listed(names)}. First choose a different audience there."
    )


def uses_of(segment: SavedSegment) -> list[SegmentUse]:
    """Return the audiences that use a segment: of publications, recurring issues, and issues that are not sent yet."""
    return uses_of_each([segment]).get(segment.pk, [])


def uses_of_each(segments: list[SavedSegment]) -> dict[int, list[SegmentUse]]:
    """Return the audiences that use each of these segments, by the numbers of the segments."""
    lists = {each.mailing_list_id for each in segments}
    found: dict[int, list[SegmentUse]] = {each.pk: [] for each in segments}
    for document, use in _audiences(lists):
        try:
            choice = choice_from_json(document)
        except Invalid:
            continue
        for number in {choice.segment, *choice.without_segments}:
            if number in found:
                found[number].append(use)
    return found


def segments_of(mailing_list: List) -> list[SavedSegment]:
    """Return the segments of a list by name."""
    return list(SavedSegment.objects.filter(mailing_list=mailing_list)[:MAX_SEGMENTS])


def find_segment(number: int) -> SavedSegment:
    """Return a segment by its number. Raises NotFound."""
    found = SavedSegment.objects.select_related("mailing_list").filter(pk=number).first()
    if found is None:
        raise NotFound("This segment does not exist, or somebody has removed it.")
    return found


def text_of_segment(number: int, mailing_list: List | None, *, written: str = "") -> str:
    """Return the text of a saved segment, by its number, for people of a list. Raises NotFound.

    Raises Invalid if the segment is of another list, or if a segment was written besides.
    """
    segment = find_segment(number)
    if written.strip():
        raise Invalid("Choose a saved segment or write a new one, but not both.")
    if mailing_list is None or segment.mailing_list_id != mailing_list.pk:
        raise Invalid(
            f"The segment “{segment}” belongs to the list “{segment.mailing_list}”. Choose that list as well."
        )
    return segment.text


def lock_segment(segment: SavedSegment) -> SavedSegment:
    """Lock a segment for this transaction and return it as it is now. Raises NotFound."""
    try:
        return locked(SavedSegment.objects.select_related("mailing_list"), segment.pk)
    except SavedSegment.DoesNotExist:
        raise NotFound("Somebody has removed this segment since you opened the page.") from None


def _audiences(lists: set[int]) -> Iterator[tuple[Any, SegmentUse]]:
    """Yield each stored audience of these lists that is not everybody, with what it belongs to."""
    publications = Publication.objects.filter(mailing_list__in=lists)
    for each in publications.exclude(audience=None):
        yield each.audience, SegmentUse(f"all issues of {each.name}", each)
    issues = Issue.objects.filter(publication__mailing_list__in=lists, state__in=CHANGEABLE)
    for issue in issues.exclude(audience=None).select_related("publication").order_by("pk"):
        yield issue.audience, SegmentUse(issue_label(issue), issue.publication, issue)
    # Recurring issues come after the issues among the stages, so their rows are asked for by their relation.
    recurring: Any = publications.exclude(series__audience=None).filter(series__isnull=False)
    rows = recurring.values_list("pk", "series__name", "series__audience").order_by("pk", "series__name")
    by_number = {each.pk: each for each in publications}
    for number, name, audience in chain(rows):
        if audience is not None:
            publication = by_number[number]
            yield (
                audience,
                SegmentUse(f"the recurring issue {name} of {publication.name}", publication, series=name),
            )


def _check_and_save(segment: SavedSegment) -> None:
    wrong: dict[str, str] = {}
    try:
        segment.clean_fields(exclude=["mailing_list"])
    except ValidationError as error:
        wrong = {name: messages[0] for name, messages in error.message_dict.items()}
    if not segment.name:
        wrong["name"] = "Enter a name, such as “New this year”."
    if not segment.text:
        wrong["text"] = "Add a condition, or write the segment in the segment language."
    else:
        try:
            chosen(segment.text, segment.mailing_list)
        except WrongSegment as error:
            wrong["text"] = str(error)
    others: models.QuerySet[SavedSegment] = SavedSegment.objects.filter(mailing_list=segment.mailing_list)
    if others.filter(name__iexact=segment.name).exclude(pk=segment.pk).exists():
        wrong["name"] = f"The list already has a segment called “{segment.name}”. Choose a different name."
    if wrong:
        raise InvalidFields(wrong)
    segment.save()


def _clean(text: str) -> str:
    return printable(" ".join(text.split())).strip()


def _record(segment: SavedSegment, sentence: str, before: str | None) -> None:
    """Write down what was done. The text may name somebody's address, so the log does not have it."""
    changes = audit_log.changes_between({"name": before}, {"name": segment.name})
    audit_log.write("segment", sentence, thing=f"segment {segment.pk}", changes=changes)
