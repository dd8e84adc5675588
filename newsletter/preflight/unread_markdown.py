"""Finds what is left of Markdown in a text that readers see: links in brackets, and signs of formatting.

Footnotes such as “[1]” (issues/links_in_markdown.py) and stars after a price are not Markdown.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from newsletter.issues.links_in_markdown import links_in_markdown
from newsletter.preflight.link_targets import why_impossible

_LONGEST = 300


class Fault(StrEnum):
    """Why a link was not read, as the end of a sentence."""

    SPACE_IN_ADDRESS = "the address contains a space"
    SPACE_BETWEEN = "there is a space between its brackets"
    BRACKETS_SWAPPED = "its round and square brackets are the wrong way round"
    NOT_CLOSED = "its brackets are not in pairs"
    NO_DEFINITION = "the text does not define its address"
    NO_ADDRESS = "it does not lead to a web page, an email address or a phone number"
    WRONG_ADDRESS = "its address is not valid"
    NOT_READ_HERE = "links in Markdown do not work in this text"


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A link as the reader sees it, and why it was not read."""

    text: str
    fault: Fault


_FORMATTING = re.compile(
    r"""
      (?<![\d*])\*\*[^*]{1,300}\*\*(?!\*)
    | (?<!\w)__\s?[^\W\d_][^_]{0,300}__(?!\w)
    | (?<!\w)_[^\W_](?:[^_]{0,300}[^\s_])?_(?!\w)
    | ~~[^~]{1,300}~~
    | (?<![\w*])\*[^\W\d_](?:[^*]{0,300}[\w.!?…])?\*(?![\w*])
    | ^\#{1,6}\s+\w
    | ^\#{2,6}[^\W\d_]
    | \|\s*:?-+:?\s*(?:\||$)
    | ```
    """,
    re.VERBOSE,
)
_OPENING = re.compile(r"(?<![\w*])\*\*(?=[^\W\d_])")
_CLOSING = re.compile(r"(?<=[\w.!?])\*\*(?![\w*])")


def unread_links(text: str) -> Iterator[LeftOver]:
    """Yield each link in Markdown that stands in a text as it was written."""
    for found in links_in_markdown(text):
        yield LeftOver(found[0].strip()[:_LONGEST], _fault(found))


def unread_formatting(text: str) -> str:
    """Return the first formatting in Markdown that stands in a text as it was written, or an empty string."""
    found = _FORMATTING.search(text) or _OPENING.search(text) or _CLOSING.search(text)
    return _surrounded(text, found.start(), found.end()) if found else ""


def has_footnotes(texts: Iterable[str]) -> bool:
    """Return whether two stars stand after a word in one of the texts, and at the beginning of another: a footnote."""
    single = [text for text in texts if text.count("**") == 1]
    return any(text.startswith("**") for text in single) and any(map(_CLOSING.search, single))


def _fault(found: re.Match[str]) -> Fault:
    if found["target"] is not None:
        return _fault_of_address(found)
    if found["nowhere"]:
        return Fault.NO_ADDRESS
    if found["swapped"]:
        return Fault.BRACKETS_SWAPPED
    if found["referring"] or found["definition"]:
        return Fault.NO_DEFINITION
    return Fault.SPACE_IN_ADDRESS if found["pointed"] and " " in found["pointed"] else Fault.NOT_CLOSED


def _fault_of_address(found: re.Match[str]) -> Fault:
    target = found["target"].strip()
    is_address = re.match(r"https?://[^/?#]|mailto:[^?]|tel:\+?\d", target, re.IGNORECASE)
    faults = (
        (Fault.NOT_CLOSED, not found["end"]),
        (Fault.SPACE_BETWEEN, found["gap"]),
        (Fault.SPACE_IN_ADDRESS, re.search(r"\s(?![\"'(])", target)),
        (Fault.NO_ADDRESS, not is_address),
        (Fault.WRONG_ADDRESS, why_impossible(target)),
    )
    return next((fault for fault, is_so in faults if is_so), Fault.NOT_READ_HERE)


def _surrounded(text: str, start: int, end: int) -> str:
    """Return a part of a text with the words next to it."""
    before, after = text[:start].rpartition(" ")[2], text[end:].partition(" ")[0]
    return f"{before}{text[start:end]}{after}"[:_LONGEST]
