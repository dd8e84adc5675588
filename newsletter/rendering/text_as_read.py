"""An editor's text as readers read it: Markdown without its marks, placeholders filled in for a sample reader.

Each character knows its place in the text that the editor wrote, so that words can be changed there while links and
other marks stay. The result is compared with what the Markdown parser of the emails makes of the text. If they differ,
the text is shown as it was written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.issues.placeholders import NAMES
from newsletter.rendering.markdown_characters import Character, text_of, without_marks
from newsletter.rendering.render_markdown import markdown_parser

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

# The fields of parts (email_parts.py) that are Markdown, and those in which placeholders are filled in.
MARKDOWN = frozenset({"opening", "body"})
WITH_PLACEHOLDERS = frozenset({"subject", "preheader", "opening"})
_CACHED = 256
_SAMPLES = {**dict.fromkeys(NAMES, "https://example.org/"), "first_name": "Sam"}
_PLACEHOLDER = re.compile(r"\{\{\s*(?:(?P<name>\w+)|(?P<quote>[\"'])(?P<words>.*?)(?P=quote))\s*\}\}")
_PREFIX = re.compile(r"\A(?:[ \t]*>[ \t]?)+")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_HEADING = re.compile(r"[ \t]*#{1,6}(?:[ \t]+|$)")
_RULE = re.compile(r"[ \t]*(?:([-_*])(?:[ \t]*\1){2,}|=+|-+)[ \t]*$")
_HARD_BREAK = re.compile(r"(?:[ ]{2,}|\\)$")


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text as it is read. Each paragraph, heading and item of a list is one line of `words`.

    `places` says for each character where it begins and ends in the source.
    """

    source: str
    words: str
    places: tuple[tuple[int, int], ...]


@lru_cache(_CACHED)
def read_text(field: str, source: str) -> ReadText:
    """Return a text as it is read. `field` is the name of a text of a part, such as `opening`."""
    characters = [Character(char, at, at + 1) for at, char in enumerate(source)]
    if field in WITH_PLACEHOLDERS:
        characters = _filled(characters)
    if field in MARKDOWN:
        read = list(_in_lines(characters))
        is_understood = _squashed(text_of(read)) == _squashed(_parsed(text_of(characters)))
        characters = read if is_understood else characters
    return ReadText(source, text_of(characters), tuple((each.start, each.end) for each in characters))


def _filled(characters: list[Character]) -> list[Character]:
    """Fill in the placeholders. All characters of a value have the place of the whole placeholder."""
    text, filled, done = text_of(characters), list[Character](), 0
    for found in _PLACEHOLDER.finditer(text):
        value = found["words"] if found["name"] is None else _SAMPLES.get(found["name"], found[0])
        start, end = characters[found.start()].start, characters[found.end() - 1].end
        filled += characters[done : found.start()] + [Character(char, start, end) for char in value]
        done = found.end()
    return filled + characters[done:]


def _in_lines(characters: list[Character]) -> Iterator[Character]:
    """Yield the characters without marks, with a line break between two blocks."""
    before: Character | None = None
    for block in _blocks(characters):
        line = without_marks(block)
        if not line:
            continue
        if before is not None:
            yield Character("\n", before.end, before.end)
        yield from line
        before = line[-1]


def _blocks(characters: list[Character]) -> Iterator[list[Character]]:
    """Yield the characters of each paragraph, heading and item of a list, without what begins their lines."""
    block: list[Character] = []
    for line in _lines(characters):
        text = text_of(line)
        rest = _PREFIX.sub("", text)
        begins = _ITEM.match(rest) or _HEADING.match(rest)
        if not rest.strip() or _RULE.match(rest) or begins:
            yield block
            block = []
        if not rest.strip() or _RULE.match(rest):
            continue
        words = rest[begins.end() if begins else 0 :].lstrip(" \t")
        own = line[len(text) - len(words) :]
        if block and own:
            block = _joined(block, own[0].start)
        block += own
        if _HEADING.match(rest):
            yield _without_closing_marks(block)
            block = []
    yield block


def _joined(block: list[Character], start: int) -> list[Character]:
    """Return the lines of a block up to here with what joins them to the next: a space, or a break that is shown."""
    is_break = _HARD_BREAK.search(text_of(block[-3:])) is not None
    if is_break and block[-1].char == "\\":
        block.pop()
    while block and block[-1].char in " \t":
        block.pop()
    block.append(Character("\n" if is_break else " ", block[-1].end if block else start, start))
    return block


def _without_closing_marks(heading: list[Character]) -> list[Character]:
    return heading[: len(re.sub(r"[ \t]+#+[ \t]*$", "", text_of(heading)))]


def _lines(characters: list[Character]) -> Iterator[list[Character]]:
    line: list[Character] = []
    for each in characters:
        if each.char == "\n":
            yield line
            line = []
        elif each.char != "\r":
            line.append(each)
    yield line


def _parsed(source: str) -> str:
    """Return the words of a text as the parser of the emails reads it."""
    from markdown_it.tree import SyntaxTreeNode

    return " ".join(_words_in(SyntaxTreeNode(markdown_parser().parse(source))))


def _words_in(node: "SyntaxTreeNode") -> Iterator[str]:
    if node.type == "inline":
        yield "".join(_inline_words(node))
    elif node.type in {"fence", "code_block"}:
        yield node.content
    for child in () if node.type == "inline" else node.children:
        yield from _words_in(child)


def _inline_words(node: "SyntaxTreeNode") -> Iterator[str]:
    for child in node.children:
        if child.type in {"text", "code_inline", "image", "text_special"}:
            yield child.content
        elif child.type in {"softbreak", "hardbreak"}:
            yield " "
        else:
            yield from _inline_words(child)


def _squashed(text: str) -> str:
    return " ".join(text.split())
