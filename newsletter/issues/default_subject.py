"""Subject and preheader as they are suggested: plain text of whole words, short enough for an inbox."""

import re
from collections.abc import Sequence

from newsletter.issues.models import Issue, Item
from subscribers.text import folded, shortened

SUBJECT_LENGTH = 70
PREHEADER_LENGTH = 110
SHORTEST_LEAD = 20
BETWEEN = " · "
OPENING_BRACES = re.compile(r"\{(?=[{%#])")


def suggest(issue: Issue, items: Sequence[Item]) -> dict[str, str]:
    """Both, by the names of their fields."""
    return {"subject": suggest_subject(issue, items), "preheader": suggest_preheader(items)}


def suggest_subject(issue: Issue, items: Sequence[Item]) -> str:
    """The lead's headline within the publication's pattern, at most 70 characters."""
    lead = headline(items[0]) if items else ""
    names = {"name": issue.publication.name, "number": str(issue.number)}
    pattern = issue.publication.subject_pattern or ("{lead}" if lead else "{name} {number}")
    room = max(SUBJECT_LENGTH - len(pattern.format(**names, lead="")), SHORTEST_LEAD)
    return shortened(pattern.format(**names, lead=shortened(lead, room)), SUBJECT_LENGTH)


def suggest_preheader(items: Sequence[Item]) -> str:
    """The next headlines, as many as fit into 110 characters; the lead's standfirst if it stands alone."""
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
    """The headline as this issue prints it, on one line."""
    return one_line(item.headline or item.article.title)


def blurb(item: Item) -> str:
    """The text under the headline as this issue prints it, on one line."""
    return one_line(item.blurb or item.article.standfirst)


def one_line(text: str) -> str:
    """Text on one line. Braces that would open a name in a subject are parted: a headline is never filled in."""
    return OPENING_BRACES.sub("{\u2060", folded(text))
