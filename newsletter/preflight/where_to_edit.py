"""Finds where an element of the email can be changed: a field of the issue, an article, a block, or the settings.

The tree of the email does not say so, but its links do: an article begins with the first link to it, and ends where
another one begins.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.models import Issue
from newsletter.issues.running_order import blocks_of, key_of
from newsletter.preflight.finding import Place
from newsletter.rendering.email_contents import EmailContents, stories_of
from subscribers.whole_numbers import whole_number

INTRODUCTION = Place("details", "opening")
CONTENTS = Place("contents")
LOOK = Place("settings", "look")
_READ_ONLINE = "*|READ_ONLINE_URL|*#article-"
_FOOTER = ("*|PREFERENCES_URL|*", "*|UNSUBSCRIBE_URL|*")
_TITLES = frozenset({"h1", "h2", "h3", "b"})


class Places:
    """The places of all elements of an email."""

    def __init__(self, issue: Issue, contents: EmailContents | None, document: Any) -> None:
        self._opening = " ".join(issue.opening.split())
        self._articles = {story.url: story.number for story in stories_of(contents) if story.url}
        self._keys = _keys(issue) if contents and contents.blocks else {}
        self._blocks = _titles_and_links(contents, self._keys)
        self._places: dict[Any, tuple[Place, int]] = {}
        place = LOOK
        for position, element in enumerate(document.iter()):
            if isinstance(element.tag, str):
                place = self._begun_by(element) or place
                self._places[element] = place, position

    def place_and_position(self, element: Any) -> tuple[Place, int]:
        """Return the place of an element, and how far down the email it stands."""
        return self._places.get(element, (LOOK, 0))

    def of(self, element: Any) -> Place:
        """Return the place of an element."""
        return self.place_and_position(element)[0]

    def block(self, block: Block) -> Place:
        """Return the place of a block in the contents of the issue."""
        return Place("contents", block=self._keys.get((block.kind, block.title, block.body), ""))

    def _begun_by(self, element: Any) -> Place | None:
        """Return the place that begins with an element, if one does."""
        if element.tag == "a":
            return self._begun_by_link(element.get("href") or "")
        if element.tag in _TITLES and (key := self._blocks.get(element.text_content().strip())):
            return Place("contents", block=key)
        is_introduction = "opening" in (element.get("class") or "").split() and self._opening
        return INTRODUCTION if is_introduction else None

    def _begun_by_link(self, url: str) -> Place | None:
        number = self._articles.get(url)
        if number is None and url.startswith(_READ_ONLINE):
            number = self._article_in_full(url.removeprefix(_READ_ONLINE))
        if number is not None:
            return Place("contents", article=number)
        if key := self._blocks.get(url):
            return Place("contents", block=key)
        if url in _FOOTER:
            return LOOK
        return INTRODUCTION if url and url in self._opening else None

    def _article_in_full(self, digits: str) -> int | None:
        return whole_number(digits)


def _keys(issue: Issue) -> dict[tuple[str, str, str], str]:
    """Return the key of each block in its issue, by its kind, title and text."""
    return {(row.shown_kind, row.title, row.body): key_of(row) for row in blocks_of(issue) if not row.hidden}


def _titles_and_links(
    contents: EmailContents | None, keys: Mapping[tuple[str, str, str], str]
) -> dict[str, str]:
    """Return the key of a block by its title, and by each URL that is in its data."""
    found: dict[str, str] = {}
    for block in contents.blocks if contents else ():
        key = keys.get((block.kind, block.title, block.body), "")
        for mark in (block.title.strip(), *_urls(block)):
            if mark and key:
                found.setdefault(mark, key)
    return found


def _urls(block: Block) -> Iterator[str]:
    data = block.data
    for name in ("url", "image_url", "address"):
        yield str(getattr(data, name, ""))
    for name in ("links", "amounts"):
        for each in getattr(data, name, ()):
            yield each.url
