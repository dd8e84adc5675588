"""Fetches and reads one source, without the database: on the web, or a file or folder on this machine."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

from django.conf import settings

from newsletter import __version__
from newsletter.articles.cpu_budget import cpu_budget
from newsletter.articles.fetch_budget import FetchBudget
from newsletter.articles.ghost_api import is_ghost_address, posts_address
from newsletter.articles.incoming_article import Reading
from newsletter.articles.models import Source
from newsletter.articles.request_document import request_document
from newsletter.errors import Invalid, NewsletterError, Refused
from newsletter.http.fetch import Fetched, fetch
from newsletter.http.fetched_document import Document
from newsletter.http.web_addresses import host_of, normalise_url, origin_of, without_credentials

if TYPE_CHECKING:
    from newsletter.articles.choose_format import OpenedDocument
    from newsletter.articles.formats.feed_autodiscovery import AnnouncedFeed

WORDPRESS_POSTS = "wp-json/wp/v2/posts?per_page=100&_embed=1"
# WordPress names its API in every page: https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/
WORDPRESS_LINK = re.compile(
    rb"""<link[^>]+rel=["']https://api\.w\.org/["'][^>]*href=["']([^"'<>]{1,1000})["']""", re.IGNORECASE
)
WORDPRESS_LIST = re.compile(r"(?:/wp-json|[?&]rest_route=)/wp/v2/[a-z0-9_-]+/?(?:[?&]|\Z)")
KINDS_BEHIND_A_PAGE = {"", Source.Kind.FEED, Source.Kind.JSON_FEED}


class SeveralFeeds(Refused):
    """A page offers several feeds, `feeds`, so that somebody must choose one and add its address."""

    def __init__(self, page: str, feeds: "Sequence[AnnouncedFeed]") -> None:
        self.feeds = tuple(feeds)
        named = "; ".join(f"{feed.title or 'untitled feed'} ({feed.address})" for feed in feeds)
        super().__init__(
            f"{without_credentials(page)} offers {len(feeds)} feeds. Add the address of the feed that you "
            f"want: {named}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A later page of a source, and what it gave; the hash is that of its bytes."""

    address: str
    reading: Reading
    document_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContent:
    """What a source gave. `reading` is None where nothing has changed since the last time.

    `location` is where it is found from now on; `document_hash` recognises the same bytes again. `budget` is what is
    left for later pages, the `later` ones that were read, in order; `unread` are the addresses of those that could not
    be read, and `trouble` says why. `failing` are the pages of a news sitemap that could not be read, each with the
    number of attempts.
    """

    location: str
    reading: Reading | None
    etag: str = ""
    last_modified: str = ""
    document_hash: str = ""
    budget: FetchBudget | None = None
    later: tuple[Page, ...] = ()
    unread: tuple[str, ...] = ()
    trouble: str = ""
    failing: Mapping[str, int] = field(default_factory=dict[str, int])


def read_source(source: Source, *, force: bool = False) -> SourceContent:
    """Fetch and read a source, its first page alone; `force` reads it even where it has not changed.

    Raises NewsletterError (NotAnswered where it did not answer) with a sentence that names the place, and SeveralFeeds
    for a new source that is a page with several.
    """
    _import_readers()
    if not source.pk:
        return discover(
            source.location,
            kind=source.kind,
            from_this_machine=source.from_this_machine,
            credentials=source.credentials,
        )
    if source.from_this_machine:
        return _read_here(source.location, kind=source.kind, known_hash="" if force else source.document_hash)
    etag, last_modified = ("", "") if force else (source.etag, source.last_modified)
    budget = FetchBudget.whole()
    with budget.spending():
        fetched = request_document(
            source.location,
            kind=source.kind,
            credentials=source.credentials,
            etag=etag,
            last_modified=last_modified,
        )
        content = _content_of(fetched, kind=source.kind, known_hash="" if force else source.document_hash)
    budget.size -= len(fetched.document.data) if fetched.document else 0
    return replace(content, budget=budget)


def read_page(source: Source, address: str, budget: FetchBudget, *, kind: str = "") -> Page:
    """Fetch and read a later page of a source, at its host alone, and take from the budget what it costs.

    `kind` is that of the page, if it differs from that of the source.
    Raises NewsletterError as `read_source` does, also when the budget is spent.
    """
    _import_readers()
    at_home = origin_of(address) == origin_of(source.location)
    with budget.spending():
        fetched = request_document(
            address,
            kind=source.kind,
            credentials=source.credentials if at_home else "",
            limits=budget.limits(host_of(address)),
        )
        if fetched.document is None:  # which only answers a request for changes
            raise Invalid(f"{without_credentials(address)} sent an empty response.")
        budget.size -= len(fetched.document.data)
        with cpu_budget(without_credentials(address), at_most=budget.cpu_seconds):
            reading = _opened(fetched.document).read(expected_kind=kind or source.kind)
    return Page(address=address, reading=reading, document_hash=_hash(fetched.document.data))


def discover(
    location: str, *, kind: str = "", from_this_machine: bool = False, credentials: str = ""
) -> SourceContent:
    """Find what there is to read at a place that somebody names: behind a page its feed, behind a site its posts.

    `credentials` are for the host of the location alone (see `fetch`). Raises SeveralFeeds if somebody must choose.
    """
    if from_this_machine:
        return _read_here(location, kind=kind)
    address = normalise_url(location)
    if kind == Source.Kind.WORDPRESS and "wp-json" not in address and "rest_route=" not in address:
        address = urljoin(address if address.endswith("/") else f"{address}/", WORDPRESS_POSTS)
    address = _with_names(address)
    if kind == Source.Kind.GHOST or is_ghost_address(address):
        kind, address = Source.Kind.GHOST.value, posts_address(address)
    fetched = request_document(address, kind=kind, credentials=credentials)
    opened = None
    if fetched.document and kind in KINDS_BEHIND_A_PAGE:
        opened = _opened(fetched.document)
        for better, its_kind in _behind(fetched.document, opened):
            if better not in {fetched.location, fetched.document.url}:
                try:
                    may_have_credentials = credentials and origin_of(normalise_url(better)) == origin_of(
                        address
                    )
                    found = fetch(better, credentials=credentials if may_have_credentials else "")
                    return _content_of(found, kind=its_kind)
                except NewsletterError:
                    continue  # the page itself remains
    return _content_of(fetched, kind=kind, opened=opened)


def _with_names(address: str) -> str:
    """Return the address of WordPress posts such that categories, tags and authors come with their names.

    Without `_embed` the answer only has their numbers, which say nothing to a reader.
    """
    if not WORDPRESS_LIST.search(unquote(address)) or "_embed" in address or "_fields" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}_embed=1"


def _behind(page: Document, opened: "OpenedDocument") -> list[tuple[str, str]]:
    """What a page says that programs should read in its place, best first, with its kind where that is sure."""
    feeds = opened.feeds()
    if len(feeds) > 1:
        raise SeveralFeeds(page.url, feeds)
    found = [(feed.address, "") for feed in feeds]
    if wordpress := WORDPRESS_LINK.search(page.data[:200_000]):
        root = wordpress[1].decode("utf-8", "replace").replace("&amp;", "&")
        if root.endswith("/wp-json/"):
            posts = urljoin(page.url, f"{root.removesuffix('wp-json/')}{WORDPRESS_POSTS}")
            found.append((posts, Source.Kind.WORDPRESS.value))
    return found


def _content_of(
    fetched: Fetched, *, kind: str, known_hash: str = "", opened: "OpenedDocument | None" = None
) -> SourceContent:
    document = fetched.document
    if document is None:
        return SourceContent(location=fetched.location, reading=None)
    found = _hash(document.data)
    opened = opened or _opened(document)
    return SourceContent(
        location=fetched.location,
        reading=None if found == known_hash else opened.read(expected_kind=kind),
        etag=document.etag,
        last_modified=document.last_modified,
        document_hash=found,
    )


def _read_here(location: str, *, kind: str, known_hash: str = "") -> SourceContent:
    path = Path(location)
    try:
        if path.is_dir():
            from newsletter.articles.formats.markdown import read_folder

            with cpu_budget(without_credentials(location)):
                return SourceContent(location=location, reading=read_folder(path))
        document = _document(path)
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise Invalid(f"{without_credentials(location)} cannot be read: {reason}.") from error
    found = _hash(document.data)
    reading = None if found == known_hash else _opened(document).read(expected_kind=kind)
    return SourceContent(location=location, reading=reading, document_hash=found)


def _import_readers() -> None:
    """Import what reads documents, before the time for reading begins.

    Many pages import this module but read nothing, and the libraries for feeds are large.
    """
    import newsletter.articles.choose_format  # noqa: F401


def _opened(document: Document) -> "OpenedDocument":
    from newsletter.articles.choose_format import OpenedDocument

    return OpenedDocument(document)


def _document(path: Path) -> Document:
    if path.suffix.lower() in {".md", ".markdown"}:
        raise Invalid(f"{path} is a single Markdown file. Enter the folder that contains the file instead.")
    size = path.stat().st_size
    if not path.is_file():
        raise Invalid(f"{path} is neither a file nor a folder.")
    if size > settings.NEWSLETTER.fetch_max_bytes:
        raise Refused(
            f"{path} is larger than {settings.NEWSLETTER.fetch_max_bytes:,} bytes. "
            "If this size is expected, increase NEWSLETTER_FETCH_MAX_BYTES."
        )
    return Document(data=path.read_bytes(), url=str(path))


def _hash(data: bytes) -> str:
    # A later version may read more out of the same bytes.
    return hashlib.blake2b(data, digest_size=16, key=__version__.encode()).hexdigest()
