"""Add the feeds of an OPML list as sources, and write the sources as such a list for other programs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.articles.fetch_sources import FetchReport, fetch_sources
from newsletter.articles.formats.decoding import decoded
from newsletter.articles.formats.opml import ListedFeed, feeds_in, written_list
from newsletter.articles.sources import active_sources, find_source, unsaved_source
from newsletter.errors import Invalid, NewsletterError, NotFound
from newsletter.http.web_addresses import without_credentials

if TYPE_CHECKING:
    from newsletter.articles.models import Source

LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class ListImport:
    """What became of the feeds of a list: those known before by name, and a report on each other one."""

    known: list[str]
    reports: list[FetchReport]
    refused: list[str]


def import_feeds(text: str, *, on_report: Callable[[FetchReport], None] | None = None) -> ListImport:
    """Add each feed of an OPML list that is not a source yet, and fetch it.

    A feed that cannot be read is not added, and its report says why. Raises Invalid if the text is no such list.
    """
    known: list[str] = []
    refused: list[str] = []
    new: list[Source] = []
    for feed in feeds_in(text):
        try:
            known.append(find_source(feed.address).name)
        except NotFound:
            try:
                source = unsaved_source(feed.address, from_this_machine=False)
            except NewsletterError as error:
                refused.append(f"{without_credentials(feed.address)}: {error}")
            else:
                source.title = feed.title[:300]
                new.append(source)
    return ListImport(known, fetch_sources(new, on_report=on_report), refused)


def read_list(path: Path) -> str:
    """Return the text of an OPML file. Raises Invalid if it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path} is larger than 5 MB, so it is not a list of feeds.")
        return decoded(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise Invalid(f"{path} cannot be read: {reason}.") from error


def exported_feeds() -> str:
    """Return all sources on the web as an OPML list, without names and passwords."""
    sources = active_sources().filter(from_this_machine=False)
    feeds = (ListedFeed(source.location, source.title or source.name) for source in sources)
    return written_list("Sources of the newsletter", feeds)
