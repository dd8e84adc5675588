"""The details (free attributes) that people on a list have, for forms that ask for the name of one.

Reading everybody would take seconds on a list of a million. So the names come from a sample of new people and of
earlier ones. Only a name that the sample lacks is looked for among everybody.
"""

from collections import Counter
from dataclasses import dataclass

from subscribers.models import List, Subscription
from subscribers.segments.attribute_names import folded_name
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_tree import Condition, Not, Segment
from subscribers.segments.select_people import chosen

NEWEST, SPREAD = 500, 500
MOST_READ = 20_000  # pairs of a name and a value, however many each person has
MOST_OFFERED = 100
LONGEST_OFFERED = 100
MOST_ASKED = 3


@dataclass(frozen=True, slots=True)
class KnownDetails:
    """The details that people have, the most frequent first. `is_sample` says whether not everybody was read."""

    names: tuple[str, ...]
    values: dict[str, tuple[str, ...]]
    is_sample: bool

    def values_of(self, name: str) -> tuple[str, ...]:
        """Return values of a detail that several people have."""
        return self.values.get(folded_name(name.strip()), ())


def known_details(mailing_list: List) -> KnownDetails:
    """Return the details of a sample of the active people on a list, or of all of them if there are few."""
    active = Subscription.objects.filter(list=mailing_list, state=Subscription.State.ACTIVE)
    newest = list(active.order_by("-pk").values_list("pk", flat=True)[: NEWEST + SPREAD + 1])
    is_sample = len(newest) > NEWEST + SPREAD
    if is_sample:
        first = active.order_by("pk").values_list("pk", flat=True)[0]
        step = (newest[0] - first) // SPREAD + 1
        newest = [*newest[:NEWEST], *range(first, newest[0], step)]
    documents = active.filter(pk__in=newest).values_list("subscriber__attributes", flat=True)
    spellings: dict[str, Counter[str]] = {}
    values: dict[str, Counter[str]] = {}
    read = 0
    for document in documents.order_by("-pk").iterator(chunk_size=100):
        for name, value in document.items():
            folded = folded_name(name)
            spellings.setdefault(folded, Counter())[name] += 1
            if isinstance(value, str) and 0 < len(value) <= LONGEST_OFFERED:
                values.setdefault(folded, Counter())[value] += 1
        read += len(document)
        if read > MOST_READ:
            is_sample = True
            break
    frequent = sorted(spellings, key=lambda folded: (-spellings[folded].total(), folded))[:MOST_OFFERED]
    return KnownDetails(
        tuple(spellings[each].most_common(1)[0][0] for each in frequent if len(each) <= LONGEST_OFFERED),
        # A value that one person alone has says something about that person, and a segment of one is rarely meant.
        {
            name: tuple(v for v, count in values[name].most_common(MOST_OFFERED) if count > 1)
            for name in values
        },
        is_sample,
    )


def details_that_nobody_has(text: str, mailing_list: List) -> list[str]:
    """Return the first names of details in a segment that nobody active on the list has. Raises WrongSegment."""
    wanted = dict.fromkeys(each.subject for each in _conditions(parse(text)) if each.is_attribute)
    if not wanted:
        return []
    known = {folded_name(each) for each in known_details(mailing_list).names}
    unsure = [each for each in wanted if folded_name(each) not in known][:MOST_ASKED]
    return [
        each
        for each in unsure
        if not chosen(str(Condition(each, "is known", is_attribute=True)), mailing_list).exists()
    ]


def _conditions(tree: Segment) -> list[Condition]:
    if isinstance(tree, Condition):
        return [tree]
    parts = (tree.part,) if isinstance(tree, Not) else tree.parts
    return [each for part in parts for each in _conditions(part)]
