"""Plain text that reads well: 78 columns (RFC 5322 §2.1.1), wide characters counted as two, links never broken."""

import re
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

WIDTH = 78

_WIDE = frozenset("WF")
# A break may fall beside each of these; they are written without spaces.
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_NEVER_FIRST = re.compile(r"[\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\u300d\u300f\uff09\u3011\u30fc]")


def columns(text: str) -> int:
    """How many columns the text takes: two for wide characters, none for combining ones (UAX #11)."""
    if text.isascii():
        return len(text)
    return sum(
        2 if east_asian_width(character) in _WIDE else 0 if combining(character) else 1 for character in text
    )


def wrap(text: str, width: int = WIDTH, *, first: str = "", rest: str = "") -> str:
    """The text in lines of at most `width` columns; a longer word, such as a link, has a line of its own.

    Line breaks in the text stay; other runs of white space become one space. `first` and `rest` open the first line
    and the following ones and count.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines.extend(_wrapped(paragraph, width, rest if lines else first, rest))
    return "\n".join(lines)


def _wrapped(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    line, used = first, columns(first)
    empty = True
    for word, space in _words(text):
        size = columns(word)
        if not empty and used + len(space) + size > width:
            yield line.rstrip()
            line, used, empty = rest, columns(rest), True
        if empty:
            space = ""  # noqa: PLW2901 - a line opens without a space
        line += space + word
        used += len(space) + size
        empty = False
    if not empty:
        yield line.rstrip()


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Each unbreakable piece, and the space that stands before it when both share a line."""
    for word in text.split():
        if word.isascii() or "://" in word or _CJK.search(word) is None:
            yield word, " "
            continue
        space, held = " ", ""
        for piece in _CJK.split(word):
            if held and piece and _NEVER_FIRST.match(piece) is None:
                yield held, space
                space, held = "", ""
            held += piece
        yield held, space


def underline(text: str, character: str) -> str:
    """A heading: the text with a line of the character below, as wide as its widest line, at most 78 columns."""
    widest = max((columns(line) for line in text.splitlines()), default=0)
    return f"{text}\n{character * min(widest, WIDTH)}"


def indent(text: str, prefix: str) -> str:
    """The text with the prefix before every line that is not empty."""
    return "\n".join(prefix + line if line else line for line in text.splitlines())


def tidy(text: str) -> str:
    """The text of a finished template: no space at line ends, no more than one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
