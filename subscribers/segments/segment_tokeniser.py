"""The words of a segment, each with its position."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from subscribers.segments.segment_errors import WrongSegment

LONGEST = 2_000
TOKEN = re.compile(r'\s+|(?P<quoted>"(?:[^"]|"")*"|“[^”]*”)|(?P<sign>[()])|(?P<word>[^\s()"“”]+)')


class Token(NamedTuple):
    """A word, a quoted text (without its marks), a bracket, or the end."""

    kind: str
    text: str
    at: int
    length: int

    def says(self, *words: str) -> bool:
        """Whether this is one of these words, unquoted."""
        return self.kind == "word" and self.text.lower() in words


def tokens(text: str) -> list[Token]:
    """Return all tokens and an end. Raises WrongSegment for a text that is empty, too long or quoted wrongly."""
    if len(text) > LONGEST:
        raise WrongSegment(f"The segment has {len(text):,} characters. The maximum is {LONGEST:,}.")
    if "\0" in text:
        raise WrongSegment("The segment contains an invisible character. Type the segment again.")
    if not text.strip():
        raise WrongSegment("The segment is empty. Enter a condition such as “joined in last 90 days”.")
    return [*_tokens(text), Token("end", "", len(text.rstrip()), 1)]


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise WrongSegment("This quotation mark has no closing quotation mark.", text=text, at=at)
        if kind := found.lastgroup:
            word = found[kind]
            if kind == "quoted":
                word = word[1:-1].replace('""', '"')
            yield Token(kind, word, at, found.end() - at)
        at = found.end()
