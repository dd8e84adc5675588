"""Replaces words in the text of a web page, and leaves its elements and attributes as they are."""

import re
from html import escape, unescape

from newsletter.rendering.merge_tags import break_tags

_ELEMENTS = re.compile(r"(<[^>]*>)")


def replace_text(text: str, old: str, new: str) -> tuple[str, int]:
    """Return a text with some words replaced by others wherever they occur, and in how many places.

    Any white space in the old words matches any other. The new words cannot contain a merge tag.
    """
    pattern = re.compile(r"\s+".join(map(re.escape, old.split())))
    replacement = break_tags(new)
    return pattern.subn(lambda _found: replacement, text) if old.split() else (text, 0)


def replace_in_html(html: str, old: str, new: str) -> tuple[str, int]:
    """Do the same in the text of HTML. Words that an element interrupts, such as a link, are not found."""
    pieces, places = _ELEMENTS.split(html), 0
    for position in range(0, len(pieces), 2):
        changed, count = replace_text(unescape(pieces[position]), old, new)
        if count:
            pieces[position], places = escape(changed, quote=False), places + count
    return "".join(pieces), places
