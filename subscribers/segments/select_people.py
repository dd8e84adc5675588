"""Choosing people by a segment: who they are, how many, and a sample to look at before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils import timezone

from subscribers.models import List, Subscription
from subscribers.segments.attribute_names import usual_spellings
from subscribers.segments.count_people import count_people
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_to_query import QueryBuilder
from subscribers.segments.segment_tree import Segment, attributes_in, both, is_about_details, negated

SAMPLE = 5


@dataclass(frozen=True, slots=True)
class SegmentPreview:
    """What a segment gives now: how many people, some of their addresses, and how it was understood."""

    count: int
    sample: tuple[str, ...]
    understood: str


def explain(segment: str | Segment) -> str:
    """The segment in its normal form, without needless brackets. Raises WrongSegment."""
    return str(parse(segment) if isinstance(segment, str) else segment)


def chosen(
    segment: str, mailing_list: List | None = None, *, without: Sequence[str] = ()
) -> QuerySet[Subscription]:
    """The active subscriptions, of one list or of all, that the segment chooses, without those of other segments.

    An empty segment chooses everybody. Raises WrongSegment, pointing at the word, for one that cannot be used.
    """
    active = Subscription.objects.filter(state=Subscription.State.ACTIVE)
    if mailing_list is not None:
        active = active.filter(list=mailing_list)
    if not segment.strip() and not without:
        return active
    return active.filter(condition(segment, mailing_list, without=without))


def condition(segment: str, mailing_list: List | None = None, *, without: Sequence[str] = ()) -> Q:
    """Return the condition of subscriptions that the segment chooses, whatever their state and list.

    An empty segment chooses everybody. `without` are segments that leave people out. Raises WrongSegment.
    """
    wanted = [(segment, parse(segment))] if segment.strip() else []
    wanted += [(text, negated(parse(text))) for text in without]
    usual = usual_spellings() if any(attributes_in(tree) for _text, tree in wanted) else ()
    builder = QueryBuilder(mailing_list, timezone.now(), usual=usual)
    # What is only about details is one tree, so that everybody's details are read once.
    about_details = [tree for _text, tree in wanted if is_about_details(tree)]
    found = Q() if wanted else Q(pk__isnull=False)
    for text, tree in wanted:
        if tree not in about_details:
            found &= replace(builder, text=text).of(tree)
    return found & builder.of(both(about_details)) if about_details else found


def preview(segment: str, mailing_list: List | None = None) -> SegmentPreview:
    """Count the people of a segment and show some, the newest first. Raises WrongSegment."""
    found = chosen(segment, mailing_list)
    sample = dict.fromkeys(
        found.order_by("-joined_at", "-pk").values_list("subscriber__address", flat=True)[: SAMPLE * 4]
    )
    return SegmentPreview(
        count_people(found, mailing_list),
        tuple(sample)[:SAMPLE],
        explain(segment) if segment.strip() else "everybody",
    )
