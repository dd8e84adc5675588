"""Conditions on details (free attributes), whose names people spell in several ways: for all people, or for most."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, IContains, IEndsWith, IExact, IStartsWith

from subscribers.segments.attribute_names import folded_name, spellings_of
from subscribers.segments.attribute_sql import AttributeText, is_in_document_as_text
from subscribers.segments.detail_by_key import DetailByKey, HasOnlyKeys, can_be_read_by_key
from subscribers.segments.segment_tree import And, Condition, Or, Segment

DOCUMENT = "subscriber__attributes"
LOOKUPS = {"is": IExact, "contains": IContains, "starts with": IStartsWith, "ends with": IEndsWith}
# Each is compared with the keys of each document.
MOST_KEYS = 100


def detail_condition(name: str, verb: str, value: str, usual: Sequence[str]) -> Q:
    """Return the condition that a detail of anybody is, contains, starts with or ends with a value, or is missing.

    `usual` are the `usual_spellings`.
    """
    expression = AttributeText(DOCUMENT, name, usual)
    if verb == "is missing":
        return Q(Exact(expression, ""))
    found = Q(LOOKUPS[verb](expression, value))
    if is_in_document_as_text(value):
        # Far faster than to read the attribute, where few people have the value.
        found = Q(IContains(Cast(DOCUMENT, TextField()), value)) & found
    return found


def condition_by_key(name: str, verb: str, values: Sequence[str], usual: Sequence[str]) -> Q:
    """Return the same for several values of which any will do, about people of whom `has_usual_keys` is true."""
    spellings = spellings_of(folded_name(name), usual)
    if can_be_read_by_key(spellings):
        return Q(DetailByKey(DOCUMENT, spellings, verb, values))
    return reduce(or_, (detail_condition(name, verb, value, usual) for value in values))


def has_usual_keys(names: Sequence[str], usual: Sequence[str]) -> HasOnlyKeys:
    """Return the condition that somebody's details have no names but the usual ones, first of all these."""
    wanted = set(map(folded_name, names))
    return HasOnlyKeys(DOCUMENT, sorted(usual, key=lambda key: folded_name(key) not in wanted)[:MOST_KEYS])


def values_by_name(tree: And | Or, verb: str) -> tuple[dict[str, list[str]], list[Segment]]:
    """Return the values that each detail is compared with by this verb, and the other parts of a tree.

    A detail with several values is read once.
    """
    alike: dict[str, list[str]] = {}
    others: list[Segment] = []
    for part in tree.parts:
        if isinstance(part, Condition) and part.is_attribute and part.verb == verb:
            alike.setdefault(folded_name(part.subject), []).append(part.value)
        else:
            others.append(part)
    return alike, others
