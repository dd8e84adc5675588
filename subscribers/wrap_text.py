"""Wraps plain text at 78 columns (RFC 5322 §2.1.1). Wide characters count as 2 columns, and links are never broken."""

import re
from collections.abc import Iterator
from unicodedata import category, east_asian_width

WIDTH = 78

_WIDE = frozenset("WF")
# Marks above, below or around another character, and those that only direct or join others. A terminal shows a soft
# hyphen, which is one of the latter.
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
_SOFT_HYPHEN = "\u00ad"
# Two of these are a flag. Each takes two columns where a terminal does not join them.
_FLAGS = range(0x1F1E6, 0x1F200)
# Text in these scripts has no spaces, so a line can break next to any of these characters.
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
# French sets a space before these, or after an opening quotation mark, and none of them may begin or end a line.
_NO_BREAK = re.compile(r"(?<=«) | (?=[:;?!»%…]+[.,)]*(?: |$))")
_SPACES = re.compile(r"[^\S\u00a0\u2007\u202f]+")
# libxml2 stops reading at the first of these.
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_PERHAPS_WIDE = re.compile(r"[^\x00-\u02ff\u2010-\u2027\u202f-\u205e\u20a0-\u20c0]")
_NEVER_FIRST = re.compile(r"[\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\u300d\u300f\uff09\u3011\u30fc]")


def columns(text: str) -> int:
    """Return how many columns the text takes in a terminal: 2 for wide characters (UAX #11), 0 for marks on others."""
    if text.isascii():
        return len(text)
    return sum(
        2
        if east_asian_width(character) in _WIDE or ord(character) in _FLAGS
        else 0
        if category(character) in _UNSEEN and character != _SOFT_HYPHEN
        else 1
        for character in text
    )


def wrap(text: str, width: int = WIDTH, *, first: str = "", rest: str = "") -> str:
    """Wrap text in lines of at most `width` columns. A longer word, such as a link, gets a line of its own.

    Line breaks stay. Other runs of white space become one space, but no-break spaces stay. `first` is the prefix of the
    first line and `rest` that of the following lines. Prefixes count towards the width.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        one_line = _NO_BREAK.sub("\u00a0", _SPACES.sub(" ", paragraph).strip(" "))
        break_up = _by_words if _PERHAPS_WIDE.search(one_line) else _by_length
        lines.extend(break_up(one_line, width, rest if lines else first, rest))
    return "\n".join(lines)


def _by_length(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Yield the lines of text in which every character takes one column. Most texts are, and this is much faster."""
    opening = first
    while text:
        room = width - len(opening)
        cut = text.rfind(" ", 0, max(room, 0) + 1) if len(text) > room else -1
        if cut == -1 and len(text) > room:
            cut = text.find(" ")
        line, text = (text, "") if cut == -1 else (text[:cut], text[cut + 1 :])
        yield opening + line
        opening = rest


def _by_words(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    line, used = first, columns(first)
    empty = True
    for word, between in _words(text):
        size = columns(word)
        if not empty and used + len(between) + size > width:
            yield line
            line, used, empty = rest, columns(rest), True
        space = "" if empty else between
        line += space + word
        used += len(space) + size
        empty = False
    if not empty:
        yield line


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each unbreakable piece, and the space before it if it does not start a line."""
    for word in text.split(" ") if text else ():
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
    """Underline a heading with a character, as wide as its widest line but at most 78 columns."""
    widest = max((columns(line) for line in text.splitlines()), default=0)
    return f"{text}\n{character * min(widest, WIDTH)}"


def indent(text: str, prefix: str) -> str:
    """Return the text with a prefix before every line that is not empty."""
    return "\n".join(prefix + line if line else line for line in text.splitlines())


def tidy(text: str) -> str:
    """Return the text of a rendered template with at most one empty line in a row."""
    return _EMPTY_LINES.sub("\n\n", text).strip() + "\n"
