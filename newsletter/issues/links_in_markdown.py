"""Finds links in Markdown, well written or not, in a text that readers see as it was written.

Footnotes such as “[1]” and remarks such as “[sic]” are not links.
"""

import re
from collections.abc import Iterator

_TARGET = (
    r"(?:[a-z][a-z0-9+.-]{1,20}:(?!\s)|www\.|\#|/|\.{1,2}/|\{\{|[\w.+-]+@[\w-]+\.|"
    r"(?:[\w-]+\.)+[a-z]{2,6}(?=[/?\#\s)\]]|$))"
)
_WITH_BRACKETS = r"(?:[^()\[\]]|\([^()]*\))*"
_LINKS = re.compile(
    rf"""
      !?\[(?P<words>[^\[\]]{{1,200}})\](?P<gap>\s?)\(\s*(?P<target>{_TARGET}{_WITH_BRACKETS})(?P<end>\)|$)
    | (?<!\w)!?\[(?P<nowhere>[^\[\]]{{1,200}})\]\([^()\[\]]{{1,200}}\)
    | \((?P<swapped>[^()]{{1,200}})\)\s?\[\s*{_TARGET}[^\[\]]*\]
    | \[(?P<open>[^\[\]()]{{1,200}})\(\s*(?:https?:|www\.|mailto:)[^()\[\]\s]*\)(?![^\[\]]*\])
    | \[(?P<unclosed>[^\[\]()]{{1,200}})\]\(\s*(?:https?:|www\.|mailto:)\S*
    | (?<![\w\[])[^\s\[\]()]{{1,80}}\]\(\s*(?:https?:|www\.|mailto:)[^()\s]*\)
    | \[(?P<before>[^\[\]]{{1,200}})\](?:https?:|www\.)\S+
    | \[(?P<referring>[^\[\]]{{1,200}})\]\[[^\[\]]{{0,80}}\]
    | ^(?P<definition>\[[^\[\]]{{1,80}}\]:)\s+\S+
    | <(?P<pointed>(?:https?://|www\.)[^<>]{{1,300}})>
    """,
    re.IGNORECASE | re.VERBOSE,
)


def links_in_markdown(text: str) -> Iterator[re.Match[str]]:
    """Yield each link. The groups of the match say what it consists of."""
    for found in _LINKS.finditer(text):
        words = found["words"] or found["referring"] or found["nowhere"] or found["before"] or ""
        is_footnote = bool(words) and not any(character.isalpha() for character in words)
        if not is_footnote:
            yield found
