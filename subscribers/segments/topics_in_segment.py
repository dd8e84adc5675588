"""Which topics a segment names, so that a topic is not removed while a segment needs it."""

from subscribers.models import Topic
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_tree import Condition, Not, Segment


def names_topic(text: str, topic: Topic) -> bool:
    """Return whether a segment names a topic. A segment that cannot be read names none."""
    try:
        values = _topics(parse(text)) if text.strip() else set[str]()
    except WrongSegment:
        return False
    return not values.isdisjoint({topic.name.lower(), topic.slug.lower()})


def _topics(segment: Segment) -> set[str]:
    if isinstance(segment, Condition):
        is_topic = segment.subject == "topic" and not segment.is_attribute
        return {segment.value.lower()} if is_topic else set()
    parts = (segment.part,) if isinstance(segment, Not) else segment.parts
    return set[str]().union(*map(_topics, parts))
