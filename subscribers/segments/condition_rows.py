"""A segment as rows of a form, one condition each, and as the text that the rows mean.

Rows that are joined by “and” are a group; “or” begins the next group. A segment with other brackets has no rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_fields import VERBS, Kind, find_subject
from subscribers.segments.segment_parser import parse
from subscribers.segments.segment_tree import And, Condition, Not, Or, Segment, both, either

AND, OR = "and", "or"
# What the language says with “not” before the condition: the verb of a row, and the verb of the condition.
NEGATED = {
    "does not contain": "contains",
    "does not start with": "starts with",
    "does not end with": "ends with",
    "not before": "before",
    "not after": "after",
    "not since": "since",
    "not on": "on",
    "not in last": "in last",
}
_NEGATIONS = {verb: row_verb for row_verb, verb in NEGATED.items()}
_OPPOSITES = {"is": "is not", "is not": "is", "is missing": "is known", "is known": "is missing"}
WITHOUT_VALUE = ("is missing", "is known")
ATTRIBUTE = "attribute"
MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition of a form. `subject` is “attribute” for an attribute, which `attribute` names."""

    joined: str = AND
    subject: str = "joined"
    attribute: str = ""
    verb: str = "in last"
    value: str = ""


def row_verbs(subject: str) -> tuple[str, ...]:
    """Return the verbs that a row with this subject can have."""
    known = None if subject == ATTRIBUTE else find_subject(subject)
    if known is not None and known.name == "domain":
        return ("is", "is not", "ends with", "does not end with")
    verbs = VERBS[known.kind if known else Kind.TEXT]
    return tuple(name for verb in verbs for name in (verb, _NEGATIONS.get(verb)) if name)


def text_of_rows(rows: Sequence[ConditionRow]) -> str:
    """Return the segment that the rows mean, or an empty text without rows. Raises WrongSegment."""
    groups: list[list[Segment]] = []
    for row in rows:
        if not groups or row.joined == OR:
            groups.append([])
        groups[-1].append(_condition(row))
    if not groups:
        return ""
    return str(parse(str(either([both(group) for group in groups]))))


def rows_of_text(text: str) -> list[ConditionRow] | None:
    """Return the rows that mean a segment, or None if it has brackets that no rows express. Raises WrongSegment."""
    if not text.strip():
        return []
    tree = parse(text)
    rows: list[ConditionRow] = []
    for group in tree.parts if isinstance(tree, Or) else (tree,):
        joined = OR
        for leaf in group.parts if isinstance(group, And) else (group,):
            row = _row(leaf, joined if rows else AND)
            if row is None:
                return None
            rows.append(row)
            joined = AND
    return rows if len(rows) <= MOST_ROWS else None


def _condition(row: ConditionRow) -> Segment:
    verb = NEGATED.get(row.verb, row.verb)
    is_attribute = row.subject == ATTRIBUTE
    subject = row.attribute.strip() if is_attribute else row.subject
    if not subject:
        raise WrongSegment("Enter the name of the detail, such as “country”.", part="attribute")
    value = "" if verb in WITHOUT_VALUE else " ".join(row.value.split())
    if not value and verb not in WITHOUT_VALUE:
        raise WrongSegment(f"Enter a value for “{subject} {row.verb}”.")
    if row.verb not in row_verbs(row.subject):
        raise WrongSegment(f"“{subject}” can be used with {', '.join(row_verbs(row.subject))}.", part="verb")
    condition = Condition(subject, verb, value, is_attribute=is_attribute)
    return Not(condition) if row.verb in NEGATED else condition


def _row(leaf: Segment, joined: str) -> ConditionRow | None:
    is_negated = isinstance(leaf, Not)
    while isinstance(leaf, Not) and isinstance(leaf.part, Not):
        leaf = leaf.part.part
        is_negated = isinstance(leaf, Not)
    inner = leaf.part if isinstance(leaf, Not) else leaf
    if not isinstance(inner, Condition):
        return None
    verb = inner.verb
    if is_negated:
        negated = _OPPOSITES.get(verb) or _NEGATIONS.get(verb)
        if negated is None:
            return None
        verb = negated
    if inner.is_attribute:
        return ConditionRow(joined, ATTRIBUTE, inner.subject, verb, inner.value)
    return ConditionRow(joined, inner.subject, "", verb, inner.value)
