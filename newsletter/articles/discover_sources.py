"""Shows what there is to read at an address, with its newest titles, and adds what somebody chooses from that."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.add_source import ADDING, AlreadyAdded, add_source, unsaved_source
from newsletter.articles.formats.feed_autodiscovery import AnnouncedFeed
from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.models import Source
from newsletter.articles.read_source import SeveralFeeds, SourceContent, read_source
from newsletter.errors import Invalid, NewsletterError, Unreachable
from newsletter.http.web_addresses import SITE_WITHOUT_SCHEME

MAX_FEEDS = 8
NEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePreview:
    """A source that could be added by its `address`: its title, kind and newest titles, or why it cannot be read."""

    address: str
    title: str
    kind: str = ""
    newest: tuple[str, ...] = ()
    error: str = ""


def preview_sources(address: str) -> list[SourcePreview]:
    """Return what can be added at an address: the feeds that a site offers, or the site itself if it can be read.

    Nothing is stored. At most eight feeds are read, at the same time. Raises as `add_source` does.
    """
    require_role(Role.EDITOR, ADDING, publication=ANY)
    if not address.strip():
        raise Invalid("Enter the address of your website, such as www.example.org.")
    try:
        return [_preview(*_read(address.strip()))]
    except SeveralFeeds as several:
        return _of_feeds(several.feeds[:MAX_FEEDS])


def _read(address: str) -> tuple[str, SourceContent]:
    """Return what an address gives, and the address. Without a scheme, https is tried before http, as browsers do."""
    source = unsaved_source(address, from_this_machine=False)
    try:
        return address, read_source(source)
    except Unreachable:
        if not SITE_WITHOUT_SCHEME.match(address):
            raise
        without_tls = f"http://{address}"
        try:
            return without_tls, read_source(unsaved_source(without_tls, from_this_machine=False))
        except Unreachable:
            pass
        raise


@dataclass(frozen=True, slots=True)
class ChosenSources:
    """What became of the addresses that somebody chose: the sources that are new, and what could not be added."""

    added: list[Source]
    refused: list[SourcePreview]


def add_chosen(addresses: Sequence[str]) -> ChosenSources:
    """Add each address as a source, even if another cannot be added. One that exists already stays as it is."""
    require_role(Role.EDITOR, ADDING, publication=ANY)
    added: list[Source] = []
    refused: list[SourcePreview] = []
    for address in addresses:
        try:
            added.append(add_source(address))
        except AlreadyAdded:
            continue
        except NewsletterError as error:
            refused.append(SourcePreview(address=address, title=address, error=str(error)))
    return ChosenSources(added, refused)


def _of_feeds(feeds: Sequence[AnnouncedFeed]) -> list[SourcePreview]:
    with ThreadPoolExecutor(max_workers=len(feeds)) as pool:
        return list(pool.map(_of_feed, feeds))


def _of_feed(feed: AnnouncedFeed) -> SourcePreview:
    try:
        content = read_source(unsaved_source(feed.address, from_this_machine=False))
    except NewsletterError as error:
        return SourcePreview(address=feed.address, title=feed.title, error=str(error))
    found = _preview(feed.address, content)
    return SourcePreview(
        address=feed.address, title=feed.title or found.title, kind=found.kind, newest=found.newest
    )


def _preview(address: str, content: SourceContent) -> SourcePreview:
    reading = content.reading
    articles = sorted(reading.articles, key=_age) if reading else []
    return SourcePreview(
        address=address,
        title=reading.title if reading else "",
        kind=Source.Kind(reading.kind).label if reading else "",
        newest=tuple(title for each in articles if (title := plain(each.title)))[:NEWEST],
    )


def _age(article: IncomingArticle) -> float:
    """Return a key that puts the newest first, and articles without a date last."""
    return -article.published_at.timestamp() if article.published_at else 0.0
