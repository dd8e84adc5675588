"""Choosing people by a segment: who they are, how many, and a sample to look at before anything is sent."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from subscribers.models import List, Subscription
from subscribers.segments.attribute_names import usual_spellings
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_to_query import QueryBuilder
from subscribers.segments.segment_tree import Segment, attributes_in

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


def chosen(segment: str, mailing_list: List | None = None) -> QuerySet[Subscription]:
    """The active subscriptions, of one list or of all, that the segment chooses; An empty segment chooses everybody.

    Raises WrongSegment, pointing at the word, for one that cannot be used.
    """
    active = Subscription.objects.filter(state=Subscription.State.ACTIVE)
    if mailing_list is not None:
        active = active.filter(list=mailing_list)
    return active.filter(condition(segment, mailing_list)) if segment.strip() else active


def condition(segment: str, mailing_list: List | None = None) -> Q:
    """Return the condition of subscriptions that the segment chooses, whatever their state and list.

    An empty segment chooses everybody. Raises WrongSegment.
    """
    if not segment.strip():
        return Q(pk__isnull=False)
    tree = parse(segment)
    usual = usual_spellings() if attributes_in(tree) else ()
    return QueryBuilder(mailing_list, timezone.now(), segment, usual).of(tree)


def preview(segment: str, mailing_list: List | None = None) -> SegmentPreview:
    """Count the people of a segment and show some, the newest first. Raises WrongSegment."""
    found = chosen(segment, mailing_list)
    sample = dict.fromkeys(
        found.order_by("-joined_at", "-pk").values_list("subscriber__address", flat=True)[: SAMPLE * 4]
    )
    count = found.values("subscriber_id").distinct().count()
    return SegmentPreview(count, tuple(sample)[:SAMPLE], explain(segment) if segment.strip() else "everybody")
