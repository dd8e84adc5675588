"""Read and write lists of feeds: OPML 2.0 (http://opml.org/spec2.opml). They hold sources and no articles."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute
from subscribers.clean_text import folded
from subscribers.phrases import counted

MAX_FEEDS = 500

_ROOT = re.compile(r"<opml(?=[\s>])", re.IGNORECASE)
_LOOKED_AT = 4_000
_OUTLINE = re.compile(r"<outline\b((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)>", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed in a list: its address and title."""

    address: str
    title: str


def is_feed_list(text: str) -> bool:
    """Tell whether a document is an OPML list."""
    return bool(_ROOT.search(text[:_LOOKED_AT]))


def why_no_source(text: str) -> str:
    """A sentence that says how many feeds a list holds, and how to add them."""
    feeds = counted(len(feeds_in(text)), "feed", "feeds")
    return (
        f"this is an OPML list of {feeds}, not a source of articles. To add all its feeds in the desk, use "
        "“Add many at once”. To add them on the command line, save the list as a file and run `newsletter "
        "sources import`."
    )


def feeds_in(text: str) -> list[ListedFeed]:
    """Return the feeds of a list, each once, in its order. It is OPML, or has an address on each line.

    Raises Invalid if it is neither or holds more than 500.
    """
    found: dict[str, ListedFeed] = {}
    for feed in _in_opml(text) if is_feed_list(text) else _on_lines(text):
        found.setdefault(feed.address, feed)
    if len(found) > MAX_FEEDS:
        raise Invalid(f"The list has more than {MAX_FEEDS} feeds. Split it into several files.")
    return list(found.values())


def _in_opml(text: str) -> Iterator[ListedFeed]:
    for outline in _OUTLINE.finditer(text):
        given = {name.lower(): html.unescape(a or b) for name, a, b in _ATTRIBUTE.findall(outline[1])}
        address = absolute(given.get("xmlurl", ""))
        if address.lower().startswith("http"):
            yield ListedFeed(address, folded(given.get("title") or given.get("text") or ""))


def _on_lines(text: str) -> Iterator[ListedFeed]:
    lines = text.split()
    if not lines or not all(map(_ADDRESS.fullmatch, lines)):
        raise Invalid(
            "This is not an OPML file or a list of addresses. Export the list of feeds from your feed reader as OPML, "
            "or enter one address per line, such as https://example.org/feed."
        )
    yield from (ListedFeed(absolute(line), "") for line in lines)


def written_list(title: str, feeds: Iterable[ListedFeed]) -> str:
    """Return an OPML document that lists these feeds."""
    lines = "".join(
        f'    <outline type="rss" text="{html.escape(feed.title)}" xmlUrl="{html.escape(feed.address)}"/>\n'
        for feed in feeds
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'
        f"  <head><title>{html.escape(title)}</title></head>\n  <body>\n{lines}  </body>\n</opml>\n"
    )
