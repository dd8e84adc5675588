"""Suggests a subject and a preheader: plain text in whole words, short enough for an inbox."""

import re
from collections.abc import Sequence

from newsletter.issues.models import Issue, Item
from subscribers.clean_text import folded
from subscribers.phrases import shortened

SUBJECT_LENGTH = 70
PREHEADER_LENGTH = 110
SHORTEST_LEAD = 20
BETWEEN = " · "
OPENING_BRACES = re.compile(r"\{(?=[{%#])")


def suggest(issue: Issue, items: Sequence[Item]) -> dict[str, str]:
    """Return the suggested subject and preheader, by the names of their fields."""
    return {"subject": suggest_subject(issue, items), "preheader": suggest_preheader(items)}


def suggest_subject(issue: Issue, items: Sequence[Item]) -> str:
    """Return the lead's headline in the publication's subject pattern, at most 70 characters."""
    lead = headline(items[0]) if items else ""
    names = {"name": issue.publication.name, "number": str(issue.number)}
    pattern = issue.publication.subject_pattern or ("{lead}" if lead else "{name} {number}")
    room = max(SUBJECT_LENGTH - len(pattern.format(**names, lead="")), SHORTEST_LEAD)
    return shortened(pattern.format(**names, lead=shortened(lead, room)), SUBJECT_LENGTH)


def suggest_preheader(items: Sequence[Item]) -> str:
    """Return as many of the next headlines as fit into 110 characters. A single article gives its standfirst."""
    if len(items) <= 1:
        return shortened(blurb(items[0]), PREHEADER_LENGTH) if items else ""
    text = shortened(headline(items[1]), PREHEADER_LENGTH)
    for item in items[2:]:
        longer = text + BETWEEN + headline(item)
        if len(longer) > PREHEADER_LENGTH:
            break
        text = longer
    return text


def headline(item: Item) -> str:
    """Return the headline as this issue shows it, on one line."""
    return one_line(item.headline or item.article.title)


def blurb(item: Item) -> str:
    """Return the text under the headline as this issue shows it, on one line."""
    return one_line(item.blurb or item.article.standfirst)


def one_line(text: str) -> str:
    """Return text on one line. Braces that would open a placeholder are split: a headline is never filled in."""
    return OPENING_BRACES.sub("{\u2060", folded(text))
