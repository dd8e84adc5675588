"""The words of the finished HTML line by line, without code, as readers see them whatever the theme does."""

from collections.abc import Iterator
from typing import Any

from newsletter.preflight.issue_texts import SKIPPED, Line

_CODE = frozenset({"code", "pre", "kbd", "samp", "script", "style", "head"})
_NAMES_SOMETHING = frozenset({"a", "b", "strong"})
_WITHIN_A_LINE = frozenset(
    {"span", "em", "i", "u", "bdi", "bdo", "font", "small", "sup", "sub", *_NAMES_SOMETHING}
)


def visible_lines(document: Any) -> list[Line]:
    """Return the lines of a document. As in `issue_texts`, words in links and in bold are not prose."""
    lines = [("", "")]
    for text, is_prose, begins_line in _pieces(document, is_prose=True):
        if begins_line:
            lines.append(("", ""))
        words, prose = lines[-1]
        lines[-1] = (words + text, prose + (text if is_prose else SKIPPED))
    return [Line(" ".join(words.split()), " ".join(prose.split())) for words, prose in lines if words.strip()]


def _is_code(element: Any) -> bool:
    # An indented block of code is a paragraph with this class.
    return element.tag in _CODE or "code" in (element.get("class") or "").split()


def _pieces(element: Any, *, is_prose: bool) -> Iterator[tuple[str, bool, bool]]:
    """Yield the pieces of text in an element: whether it is prose, and whether a new line begins with it."""
    tag = element.tag if isinstance(element.tag, str) else ""
    if not tag or _is_code(element):
        return
    begins_line = tag not in _WITHIN_A_LINE
    inside = is_prose and tag not in _NAMES_SOMETHING
    yield element.text or "", inside, begins_line
    for child in element:
        yield from _pieces(child, is_prose=inside)
        if _is_code(child):
            yield SKIPPED, True, False
        yield child.tail or "", inside, child.tag == "br"
    if begins_line:
        yield "", True, True
