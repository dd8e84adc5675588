"""Reads the tags and links of a page."""

from dataclasses import dataclass
from html.parser import HTMLParser


@dataclass(frozen=True)
class Link:
    """A link of a page."""

    href: str
    rel: str


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def tags_in(html):
    """Each tag that opens, with its attributes."""
    parser = _Tags()
    parser.feed(html)
    return parser.found


def links_in(html):
    """The links of a page, in order."""
    return [Link(given.get("href", ""), given.get("rel", "")) for tag, given in tags_in(html) if tag == "a"]
