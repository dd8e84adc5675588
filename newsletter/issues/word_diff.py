"""Compares two texts word by word, for people: what stayed, what was taken out, what was put in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n+|[^\n]+")
# The comparison takes time in proportion to the square of this.
_MOST_WORDS = 3_000


class Edit(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, and what became of it."""

    edit: Edit
    text: str


def word_changes(before: str, after: str) -> list[Piece]:
    """Return both texts as one, in pieces. The pieces that are the same or removed make up the old text.

    Long texts are compared by lines instead of words.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > _MOST_WORDS:
        old, new = _LINES.findall(before), _LINES.findall(after)
    return list(_joined(_pieces(old, new)))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) > _MOST_WORDS)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(Edit.SAME, "".join(old[old_from:old_to]))
            continue
        if old_to > old_from:
            yield Piece(Edit.REMOVED, "".join(old[old_from:old_to]))
        if new_to > new_from:
            yield Piece(Edit.ADDED, "".join(new[new_from:new_to]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join a change with the next one if only a space lies between them, so that phrases are read as phrases."""
    removed = added = space = ""
    for piece in pieces:
        if piece.edit is Edit.SAME:
            if piece.text.isspace() and "\n" not in piece.text and (removed or added) and not space:
                space = piece.text
                continue
            yield from _change(removed, added)
            yield Piece(Edit.SAME, space + piece.text)
            removed = added = space = ""
            continue
        if space:
            removed, added, space = removed + space, added + space, ""
        if piece.edit is Edit.REMOVED:
            removed += piece.text
        else:
            added += piece.text
    yield from _change(removed, added)
    if space:
        yield Piece(Edit.SAME, space)


def _change(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Edit.REMOVED, removed)
    if added:
        yield Piece(Edit.ADDED, added)
