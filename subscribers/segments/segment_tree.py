"""A segment as a tree, and how the tree is written: `parse(str(tree)) == tree`."""

import re
from dataclasses import dataclass, field

from subscribers.segments.segment_errors import near
from subscribers.segments.segment_fields import find_subject, subjects

KEYWORDS = frozenset(
    {"and", "or", "not", "is", "before", "after", "since", "on", "in", "contains", "starts", "ends"}
)
STATES = frozenset({"missing", "known"})
PLAIN_WORDS = re.compile(r"[^\s()\"“”]+(?: [^\s()\"“”]+)*")


@dataclass(frozen=True, slots=True)
class Condition:
    """`subject verb value`. An attribute is any subject that is not one of ours; `at` points into the text."""

    subject: str
    verb: str
    value: str = ""
    is_attribute: bool = False
    at: int = field(default=0, compare=False)
    value_at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        subject = quoted_if_needed(self.subject, always=self.is_attribute and looks_like_ours(self.subject))
        if not self.value:
            return f"{subject} {self.verb}"
        value = self.value if self.verb == "in last" else quoted_if_needed(self.value)
        return f"{subject} {self.verb} {value}"


@dataclass(frozen=True, slots=True)
class Not:
    """People who do not match the part."""

    part: "Segment"

    def __str__(self) -> str:
        return f"not {self.part}" if isinstance(self.part, Condition | Not) else f"not ({self.part})"


@dataclass(frozen=True, slots=True)
class And:
    """People who match every part. No part is itself an And."""

    parts: tuple["Segment", ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """People who match any part. No part is itself an Or."""

    parts: tuple["Segment", ...]

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Segment = Condition | Not | And | Or


def both(parts: "list[Segment]") -> Segment:
    """An And without an And in it."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return And(tuple(flat)) if len(flat) > 1 else flat[0]


def either(parts: "list[Segment]") -> Segment:
    """An Or without an Or in it."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return Or(tuple(flat)) if len(flat) > 1 else flat[0]


def negated(tree: Segment) -> Segment:
    """Return the tree of everybody else."""
    return tree.part if isinstance(tree, Not) else Not(tree)


def is_about_details(tree: Segment) -> bool:
    """Return whether a segment has conditions on attributes alone."""
    if isinstance(tree, Condition):
        return tree.is_attribute
    return all(map(is_about_details, (tree.part,) if isinstance(tree, Not) else tree.parts))


def attributes_in(tree: Segment) -> list[str]:
    """Return the names of the attributes that a segment is about, in order."""
    if isinstance(tree, Condition):
        return [tree.subject] if tree.is_attribute else []
    parts = (tree.part,) if isinstance(tree, Not) else tree.parts
    return [name for part in parts for name in attributes_in(part)]


def quoted_if_needed(text: str, *, always: bool = False) -> str:
    """The words as they are, or between quotation marks when they could be read otherwise."""
    words = text.lower().split(" ")
    is_clear = PLAIN_WORDS.fullmatch(text) and not KEYWORDS.intersection(words) and words[0] not in STATES
    if is_clear and not always:
        return text
    return '"' + text.replace('"', '""') + '"'


def looks_like_ours(subject: str) -> bool:
    """Whether a subject without quotation marks would be taken for one of ours."""
    return find_subject(subject) is not None or bool(near(subject, (one.name for one in subjects())))
