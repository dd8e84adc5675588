"""Shortens the titles that a message quotes, so that it does not cover the page on a phone."""

import re

LONGEST = 80
_QUOTED = re.compile(r"“([^“”]*)”")


def with_short_quotations(sentence: str) -> str:
    """Return a sentence in which every quoted text has at most 80 characters. The page shows the whole text."""
    return _QUOTED.sub(lambda found: f"“{_cut(found[1])}”", sentence)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
