"""Reads the text part of an email as blocks of sentences, so that a change is described in whole sentences.

The text part is wrapped at 78 columns. A line is joined to the one before if the wrapping broke it there. A link on a
line of its own stays a sentence of its own.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsletter.rendering.email import TAG
from subscribers.wrap_text import WIDTH, columns

_RULE = re.compile(r"[-=]{3,}")
_LINK = re.compile(r"(?:https?://|mailto:|\{\{ )\S+")
# After an abbreviation such as “Dr.”, the sentence continues.
_SENTENCE = re.compile(r"(?<=\w\w\w[.!?…])\s+|(?<=\w\w[.!?…][\"”’)])\s+|(?<=[。！？])")
_INVISIBLE = re.compile("[\u2066-\u2069\u200b-\u200f\u2060\u034f]")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A block of the text part: its heading, which is empty if it has none, and its sentences."""

    heading: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the sentences as one text."""
        return " ".join(self.sentences)


def text_blocks(text: str) -> list[TextBlock]:
    """Return the blocks of a text part in order. Blocks are separated by empty lines."""
    return [_block(lines) for block in text.split("\n\n") if (lines := _lines(block))]


def in_one_line(text: str) -> str:
    """Return a text on one line, without invisible characters, and with merge tags as editors write them."""
    named = TAG.sub(lambda tag: f"{{{{ {tag[1][2:-2].removesuffix('_TEXT').lower()} }}}}", text)
    return " ".join(_INVISIBLE.sub("", named).split())


def _lines(block: str) -> list[str]:
    return [line for each in block.splitlines() if (line := in_one_line(each))]


def _block(lines: list[str]) -> TextBlock:
    rule = next((at for at, line in enumerate(lines) if _RULE.fullmatch(line)), None)
    heading = [] if rule is None else lines[:rule]
    body = lines if rule is None else lines[rule + 1 :]
    return TextBlock(" ".join(heading), tuple(_sentences(body)))


def _sentences(lines: list[str]) -> Iterator[str]:
    for line in _unwrapped(lines):
        yield from (sentence for each in _SENTENCE.split(line) if (sentence := each.strip()))


def _unwrapped(lines: Iterable[str]) -> Iterator[str]:
    joined = last = ""
    for line in lines:
        if joined and _was_wrapped(last, line):
            joined += f" {line}"
        else:
            if joined:
                yield joined
            joined = line
        last = line
    if joined:
        yield joined


def _was_wrapped(line: str, following: str) -> bool:
    """Return whether two lines were one: the first word of the second line had no room at the end of the first."""
    if _LINK.fullmatch(line) or _LINK.fullmatch(following):
        return False
    return columns(line) + 1 + columns(following.partition(" ")[0]) > WIDTH
