"""Find the feeds that a web page announces in its head, each once, even if it comes in several formats."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from newsletter.articles.formats.document_to_read import TextDocument
from newsletter.articles.formats.web_page import LONGEST, page_errors, parsed_page
from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.html_and_text.rewrite_html_in_linear_time import well_nested
from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute
from newsletter.http.web_addresses import normalise_url, split_credentials
from subscribers.clean_text import folded
from subscribers.phrases import shortened

MAX_LINKS = 200
LONGEST_TITLE = 100

_FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "text/xml+rss",
    }
)
_COMMENTS = re.compile(r"comments?(?:/|\b)", re.IGNORECASE)
# What WordPress calls the feed of comments, in the languages of its larger communities.
_TITLE_OF_COMMENTS = re.compile(
    r"\bcomments?\b|commentaires|kommentar|comentario|comentário|commenti\b|reacties|komentarz|kommentti|комментар"
    r"|コメント|评论|評論|댓글",
    re.IGNORECASE,
)
# What tells two formats of one feed apart, and not two feeds.
_FORMAT_WORDS = re.compile(
    r"\b(?:rss2?|atom|rdf|xml|json|feeds?|flux|index|default|alt|format|php|type|v?\d\.\d+|rss\s*\d)\b|[\W_]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AnnouncedFeed:
    """A feed as a page announces it; the title is plain text, and empty if the page gives none."""

    title: str
    address: str


def announced_feeds(page: TextDocument) -> list[AnnouncedFeed]:
    """Return the feeds of a page, in its order, without feeds of comments and other formats of the same feed."""
    try:
        tree = parsed_page(_head_of(page.text))
        links = list(_links(tree, page.url)) if tree is not None else []
    except page_errors():
        return []
    found: dict[str, AnnouncedFeed] = {}
    for feed in links:
        parts = urlsplit(feed.address)
        if not _COMMENTS.search(f"{parts.path}?{parts.query}") and not _TITLE_OF_COMMENTS.search(feed.title):
            found.setdefault(
                _without_format(feed.title) or f"/{_without_format(f'{parts.path}?{parts.query}')}", feed
            )
    return list(found.values())


def _without_format(text: str) -> str:
    return _FORMAT_WORDS.sub(" ", text).strip().casefold()


def _head_of(text: str) -> str:
    """The beginning of a page, where it names its feeds, as a parser reads it without trouble."""
    beginning = text[:LONGEST]
    while (nested := well_nested(beginning)) is None:
        beginning = beginning[: len(beginning) // 2]
    return nested


def _links(tree: Any, url: str) -> Iterator[AnnouncedFeed]:
    base = absolute(next(iter(tree.xpath("//base/@href")), ""), url) or url
    for link in tree.xpath("//link[@rel and @type and @href]")[:MAX_LINKS]:
        kind = link.get("type").partition(";")[0].strip().lower()
        if kind in _FEED_TYPES and "alternate" in link.get("rel").lower().split():
            title = shortened(folded(plain(link.get("title") or "")), LONGEST_TITLE)
            with suppress(Invalid):
                address, _theirs = split_credentials(normalise_url(absolute(link.get("href"), base)))
                yield AnnouncedFeed(title, address)
