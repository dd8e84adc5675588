"""The characters of a line of Markdown without its marks, each with its place in the text that somebody wrote."""

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape
from string import punctuation
from typing import NamedTuple

# So that hostile texts take no long time: marks that are further apart or deeper inside each other are not understood.
LONGEST, DEEPEST = 1_000, 12
_TARGET = re.compile(
    r"\(\s*(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
_AUTOLINK = re.compile(r"<((?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>]+))>")
_STARS = re.compile(
    r"(?P<marks>\*{1,3})(?=[^\s*])(?P<inside>.{1,1000}?)(?<=[^\s*])(?P=marks)(?!\*)", re.DOTALL
)
_LOW_LINES = re.compile(
    r"(?<!\w)(?P<marks>_{1,3})(?=[^\s_])(?P<inside>.{1,1000}?)(?<=[^\s_])(?P=marks)(?!\w)", re.DOTALL
)
_BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
_BACKTICKS = re.compile(r"`+")
_ENTITY = re.compile(r"&(?:#\w{1,8}|\w{2,31});")


class Character(NamedTuple):
    """One character as it is read, and where it begins and ends in the written text."""

    char: str
    start: int
    end: int


def text_of(characters: list[Character]) -> str:
    """Return the characters as a text."""
    return "".join(each.char for each in characters)


def without_marks(line: list[Character], depth: int = 0) -> list[Character]:
    """Return the characters of a line of Markdown as they are read: links without addresses, words without stars."""
    text, read, at = text_of(line), list[Character](), 0
    while at < len(line) and depth < DEEPEST:
        for mark in _MARKS:
            found = mark(text, line, at)
            if found is not None:
                inside, at, has_marks = found
                read += without_marks(inside, depth + 1) if has_marks else inside
                break
        else:
            read.append(line[at])
            at += 1
    return [*read, *line[at:]]


# What a mark leaves, where it ends, and whether there can be marks inside it.
_Found = tuple[list[Character], int, bool] | None


def _escape(text: str, line: list[Character], at: int) -> _Found:
    if text[at] != "\\" or at + 1 == len(text) or text[at + 1] not in punctuation:
        return None
    return [Character(text[at + 1], line[at].start, line[at + 1].end)], at + 2, False


def _link_or_picture(text: str, line: list[Character], at: int) -> _Found:
    start = at + 1 if text.startswith("![", at) else at
    if text[start] != "[":
        return None
    end = _closings(text).get(start, 0)
    target = _TARGET.match(text, end + 1) if end else None
    if target is None:
        return None
    return line[start + 1 : end], target.end(), True


@lru_cache(8)
def _closings(text: str) -> dict[int, int]:
    """Return where each bracket is closed, by where it opens."""
    opened, closed = list[int](), dict[int, int]()
    for found in _BRACKET.finditer(text):
        if found[0] == "[":
            opened.append(found.start())
        elif found[0] == "]" and opened:
            closed[opened.pop()] = found.start()
    return closed


def _autolink(text: str, line: list[Character], at: int) -> _Found:
    found = _AUTOLINK.match(text, at)
    return (line[found.start(1) : found.end(1)], found.end(), False) if found else None


def _code(text: str, line: list[Character], at: int) -> _Found:
    opened = _BACKTICKS.match(text, at)
    if opened is None:
        return None
    start = opened.end()
    end = re.compile(f"(?<!`){opened[0]}(?!`)").search(text, start, start + LONGEST)
    if end is None:
        return line[at:start], start, False
    return line[start : end.start()], end.end(), False


def _emphasis(text: str, line: list[Character], at: int) -> _Found:
    found = _STARS.match(text, at) or _LOW_LINES.match(text, at)
    if found is None:
        return None
    return line[found.start("inside") : found.end("inside")], found.end(), True


def _entity(text: str, line: list[Character], at: int) -> _Found:
    found = _ENTITY.match(text, at)
    if found is None or (char := unescape(found[0])) == found[0]:
        return None
    start, end = line[at].start, line[found.end() - 1].end
    return [Character(each, start, end) for each in char], found.end(), False


_MARKS: tuple[Callable[[str, list[Character], int], _Found], ...] = (
    _escape,
    _code,
    _link_or_picture,
    _autolink,
    _emphasis,
    _entity,
)
