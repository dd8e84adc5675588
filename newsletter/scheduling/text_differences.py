"""Says which words differ between two text parts of an email, in whole sentences, and below which heading.

What was changed in the same way in several places, such as a link below each article, is said once.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from newsletter.issues.word_diff import Edit, word_changes
from newsletter.scheduling.text_blocks import TextBlock, text_blocks
from subscribers.phrases import quoted, shortened

# Two sentences that share less than this are not two versions of one sentence.
ALIKE = 0.5
# The comparison takes time in proportion to the square of this.
_MOST_WORDS = 600
_LONGEST, _LONGEST_WORD, _LONGEST_HEADING = 600, 2_000, 100
_WORD = re.compile(r"\w+")
_LINK = re.compile(r"https?://\S+|\{\{ \w+ \}\}\S*")


@dataclass(frozen=True, slots=True)
class _Change:
    """Text that was removed, added, or replaced, and the heading above it. `moved` is a block that only moved."""

    where: str
    before: str = ""
    after: str = ""
    moved: str = ""


def text_differences(before: str, after: str) -> Iterator[str]:
    """Yield what differs in the second text, in sentences. Nothing if only white space differs."""
    changes = list(dict.fromkeys(_changes(text_blocks(before), text_blocks(after))))
    alike = Counter(map(_without_links, changes))
    for change in changes:
        places = alike.pop(_without_links(change), 0)
        if places > 1:
            yield _in_several_places(_without_links(change), places)
        elif places:
            yield _sentence(change)


def is_version(before: str, after: str) -> bool:
    """Return whether two texts share enough words for one to be a version of the other."""
    if _LINK.fullmatch(before) and _LINK.fullmatch(after):
        return True
    old, new = _WORD.findall(before.lower()), _WORD.findall(after.lower())
    if max(len(old), len(new)) > _MOST_WORDS:
        return False
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= ALIKE


def _changes(old: list[TextBlock], new: list[TextBlock]) -> Iterator[_Change]:
    parts = [
        (old[old_from:old_to], new[new_from:new_to])
        for kind, old_from, old_to, new_from, new_to in SequenceMatcher(
            None, old, new, autojunk=False
        ).get_opcodes()
        if kind != "equal"
    ]
    removed = [block for before, _ in parts for block in before]
    added = [block for _, after in parts for block in after]
    moved = set(removed) & set(added)
    by_heading = {block.heading: block for block in reversed(added) if block.heading and block not in moved}
    found: dict[TextBlock, TextBlock] = {}
    for block in removed:
        if block not in moved and block.heading in by_heading:
            found[block] = by_heading.pop(block.heading)
    for before, after in parts:
        yield from _part(before, after, moved, found)


def _part(
    before: list[TextBlock],
    after: list[TextBlock],
    moved: set[TextBlock],
    found: dict[TextBlock, TextBlock],
) -> Iterator[_Change]:
    """Yield the changes of blocks that follow each other. `found` are changed blocks with an unchanged heading."""
    known = {*moved, *found.values()}
    added = [block for block in after if block not in known]
    for block in before:
        if block in moved:
            continue
        if block in found:
            yield from _within(block, found[block])
        elif added and is_version(block.text, added[0].text):
            yield from _within(block, added.pop(0))
        else:
            yield _whole(block, is_added=False)
    yield from (_whole(block, is_added=True) for block in added)
    yield from (_Change("", moved=block.heading or block.text) for block in after if block in moved)


def _whole(block: TextBlock, *, is_added: bool) -> _Change:
    if not block.text:
        return _Change("", after=block.heading) if is_added else _Change("", before=block.heading)
    text = f"{block.heading}: {block.text}" if block.heading else block.text
    return _Change("", after=text) if is_added else _Change("", before=text)


def _within(old: TextBlock, new: TextBlock) -> Iterator[_Change]:
    where = new.heading
    if old.heading != new.heading:
        yield _Change("", old.heading, new.heading)
    matcher = SequenceMatcher(None, old.sentences, new.sentences, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            continue
        removed, added = list(old.sentences[old_from:old_to]), list(new.sentences[new_from:new_to])
        while removed and added and is_version(removed[0], added[0]):
            yield _Change(where, removed.pop(0), added.pop(0))
        if removed:
            yield _Change(where, before=" ".join(removed))
        if added:
            yield _Change(where, after=" ".join(added))


def _without_links(change: _Change) -> _Change:
    """Return a change without its place and its links, by which changes in several places are recognised as one.

    A change of nothing but a link, or of a whole block, is only equal to itself.
    """
    if not change.where or not _LINK.sub("", change.before + change.after).strip():
        return change
    return _Change("", _LINK.sub("(link)", change.before), _LINK.sub("(link)", change.after))


def _in_several_places(change: _Change, places: int) -> str:
    if change.before and change.after:
        return f"In {places:,} places, {_replaced(change.before, change.after)}"
    if change.before:
        return f"Removed in {places:,} places: {_quoted(change.before)}"
    return f"Added in {places:,} places: {_quoted(change.after)}"


def _sentence(change: _Change) -> str:
    where = quoted(shortened(change.where, _LONGEST_HEADING)) if change.where else ""
    if change.moved:
        return f"Moved: {_quoted(change.moved)}"
    if change.before and change.after:
        replaced = _replaced(change.before, change.after)
        return f"In {where}, {replaced}" if where else replaced
    if change.before:
        return f"{f'Removed from {where}' if where else 'Removed'}: {_quoted(change.before)}"
    return f"{f'Added to {where}' if where else 'Added'}: {_quoted(change.after)}"


def _replaced(before: str, after: str) -> str:
    """Say which words of a sentence changed. If there is more than one place, the whole sentence is said twice."""
    pieces = word_changes(before, after)
    removed = [piece.text for piece in pieces if piece.edit is Edit.REMOVED]
    added = [piece.text for piece in pieces if piece.edit is Edit.ADDED]
    same = "".join(piece.text for piece in pieces if piece.edit is Edit.SAME)
    has_words = all(map(_WORD.search, [same, *removed, *added]))
    if _LINK.search(before + after) or not has_words or len(removed) > 1 or len(added) > 1:
        return f"{_quoted(before)} was changed to {_quoted(after)}"
    context = _quoted(after)
    if not removed:
        return f"{_quoted(added[0].strip())} was added: {context}"
    if not added:
        return f"{_quoted(removed[0].strip())} was removed: {context}"
    return f"{_quoted(removed[0].strip())} was changed to {_quoted(added[0].strip())}: {context}"


def _quoted(text: str) -> str:
    return quoted(_within_limit(text))


def _within_limit(text: str) -> str:
    """Return a text, or if it is very long its beginning, without cutting a word or a link."""
    if len(text) <= _LONGEST:
        return text
    end = text.find(" ", _LONGEST)
    return shortened(text, _LONGEST_WORD) if end == -1 or end > _LONGEST_WORD else f"{text[:end]} …"
