"""Add the feeds of an OPML list as sources, and write the sources as such a list for other programs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.add_source import ADDING, LONGEST_TITLE, unsaved_source
from newsletter.articles.fetch_sources import FetchReport, fetch_sources
from newsletter.articles.formats.decode_documents import decoded
from newsletter.articles.formats.opml import ListedFeed, feeds_in, written_list
from newsletter.articles.sources import active_sources
from newsletter.errors import Invalid, NewsletterError
from newsletter.http.web_addresses import url_key, without_credentials

if TYPE_CHECKING:
    from newsletter.articles.models import Source

LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class ListImport:
    """What became of the feeds of a list: those known before by name, and a report on each other one.

    `refused` are the addresses that cannot be used, each with a sentence.
    """

    known: list[str]
    reports: list[FetchReport]
    refused: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FeedToChoose:
    """A feed of a list. `known` is the name of the source that it is already, or an empty string."""

    feed: ListedFeed
    known: str


def feeds_to_choose(text: str) -> list[FeedToChoose]:
    """Return the feeds of an OPML list. Nothing is stored or fetched. Raises Invalid if there are none."""
    feeds = feeds_in(text)
    if not feeds:
        raise Invalid(
            "This file does not list any feeds. Export the list of feeds from your feed reader as OPML."
        )
    known = _known_sources()
    return [FeedToChoose(feed, known.get(url_key(feed.address), "")) for feed in feeds]


def import_feeds(text: str, *, on_report: Callable[[FetchReport], None] | None = None) -> ListImport:
    """Add each feed of an OPML list as `add_feeds` does. Raises Invalid if the text is no such list."""
    return add_feeds(feeds_in(text), on_report=on_report)


def add_feeds(
    feeds: Iterable[ListedFeed], *, on_report: Callable[[FetchReport], None] | None = None
) -> ListImport:
    """Add each feed that is not a source yet, and fetch it.

    A feed that cannot be read is not added, and its report says why.
    """
    require_role(Role.EDITOR, ADDING, publication=ANY)
    known: list[str] = []
    refused: list[tuple[str, str]] = []
    new: dict[str, Source] = {}
    names = _known_sources()
    for feed in feeds:
        try:
            source = unsaved_source(feed.address, from_this_machine=False)
        except NewsletterError as error:
            refused.append((without_credentials(feed.address), str(error)))
            continue
        key = url_key(source.location)
        if name := names.get(key):
            known.append(name)
        elif key not in new:
            source.title = feed.title[:LONGEST_TITLE]
            new[key] = source
    return ListImport(known, fetch_sources(new.values(), on_report=on_report), refused)


def _known_sources() -> dict[str, str]:
    """Return the names of the sources on the web by the keys of their addresses, in one query."""
    return {url_key(source.location): source.name for source in active_sources()}


def list_in_upload(data: bytes) -> str:
    """Return the text of an uploaded OPML file. Raises Invalid if it is too large."""
    if len(data) > LARGEST:
        raise Invalid("This file is too large for a list of feeds. The limit is 5 MB.")
    return decoded(data)


def read_list(path: Path) -> str:
    """Return the text of an OPML file. Raises Invalid if it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path} is too large for a list of feeds. The limit is 5 MB.")
        return decoded(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise Invalid(f"{path} cannot be read: {reason}.") from error


def exported_feeds() -> str:
    """Return all sources on the web as an OPML list, without names and passwords."""
    sources = active_sources().filter(from_this_machine=False)
    feeds = (ListedFeed(source.location, source.title or source.name) for source in sources)
    return written_list("Newsletter sources", feeds)
