"""Decides which later page of a source is read next, and when to stop.

Paging stops as soon as a page brings only what is known or repeats an earlier one, or a bound of the fetch is reached.
A page that cannot be read stops it too: what came before is kept, and the next fetch continues at that page.
"""

import logging
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings

from newsletter.articles.article_keys import key_of, keys_of_name
from newsletter.articles.fetch_budget import FetchBudget
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.load_known_articles import keys_stored_among
from newsletter.articles.models import Source
from newsletter.articles.read_source import Page, SourceContent, read_page
from newsletter.errors import Invalid, NewsletterError
from newsletter.http.clean_urls import followable
from newsletter.http.fetch import NotAnswered
from newsletter.http.web_addresses import (
    host_of,
    normalise_url,
    split_credentials,
    without_credentials,
)

log = logging.getLogger(__name__)

MAX_ENTRIES = 10_000  # over all pages of one fetch
MAX_UNREAD = 5
# WordPress answers with 400 beyond its last page.
_NO_SUCH_PAGE = 400
_MISSING = {404, 410}


class LaterPages:
    """The pages of one source in one fetch. It reads the database, so it is for the thread of the caller alone."""

    def __init__(self, source: Source, content: SourceContent) -> None:
        """Begin after the first page, or where an earlier fetch had to stop."""
        self._source, self._content = source, content
        self._budget = content.budget or FetchBudget.whole()
        self._pages: list[Page] = []
        self._left = [line for line in source.unread_pages.splitlines() if line]
        self._queue = deque(self._left)
        self._asked = {content.location}
        self._hashes = {content.document_hash}
        self._seen: set[str] = set()
        self._entries = 0
        self._unread: list[str] = []
        self._trouble = ""
        if content.reading:
            self._take(content.reading, content.location)

    def next_address(self) -> str:
        """Return the page to read now; empty if this fetch reads no more."""
        while self._queue:
            address = self._queue.popleft()
            if address in self._asked:
                continue
            if len(self._asked) >= settings.NEWSLETTER.fetch_max_pages or self._entries >= MAX_ENTRIES:
                # What is older than the bounds of a fetch is not read, but for what an earlier fetch began.
                self._stop(each for each in (address, *self._queue) if each in self._left)
                break
            if self._budget.is_spent:
                self._stop((address, *self._queue), "The fetch has reached its limits.")
                break
            self._asked.add(address)
            return address
        return ""

    def read(self, address: str) -> Page:
        """Fetch and read a page, in any thread. Raises NewsletterError."""
        return read_page(self._source, address, self._budget)

    def take(self, page: Page) -> None:
        """Keep what a page brought."""
        if page.document_hash in self._hashes:
            return
        self._hashes.add(page.document_hash)
        room = MAX_ENTRIES - self._entries
        if len(page.reading.articles) > room:
            page = replace(page, reading=replace(page.reading, articles=page.reading.articles[:room]))
        self._pages.append(page)
        self._take(page.reading, page.address)

    def take_failure(self, address: str, error: Exception) -> None:
        """Stop at a page that could not be read, and have the next fetch begin there, unless that is of no use."""
        if not isinstance(error, NewsletterError):
            log.warning("Could not read a page of the source %s.", self._source.name, exc_info=error)
            error = Invalid(
                f"We could not read {without_credentials(address)}, because of a fault in this "
                "software. For details, see the log."
            )
        status = error.status if isinstance(error, NotAnswered) else 0
        was_tried = address in self._left
        is_lasting = not isinstance(error, NotAnswered) or status in _MISSING
        if status == _NO_SUCH_PAGE or (was_tried and is_lasting):
            return  # the queue goes on with what else is left of earlier fetches
        self._stop((address, *self._queue), str(error))

    def result(self) -> SourceContent:
        """Return what the source gave, with its later pages."""
        return replace(
            self._content, later=tuple(self._pages), unread=tuple(self._unread), trouble=self._trouble
        )

    def _stop(self, unread: Iterable[str], why: str = "") -> None:
        self._unread = list(dict.fromkeys(unread))[:MAX_UNREAD]
        self._trouble = why
        self._queue.clear()

    def _take(self, reading: Reading, address: str) -> None:
        self._entries += len(reading.articles)
        following = self._allowed(reading.next_page, address) if reading.next_page else ""
        if following and self._brings_news(reading):
            self._queue.appendleft(following)

    def _allowed(self, address: str, page: str) -> str:
        """Return the address of a next page as it is asked for; empty if it is not at the host of the page."""
        try:
            address, _theirs = split_credentials(normalise_url(address))
        except Invalid:
            return ""
        if host_of(address) != host_of(page):
            return ""
        # Behind a proxy that does the encryption, software often names itself with http.
        is_downgrade = urlsplit(page).scheme == "https" and urlsplit(address).scheme == "http"
        return f"https{address.removeprefix('http')}" if is_downgrade else address

    def _brings_news(self, reading: Reading) -> bool:
        """Tell whether any article is neither stored nor on an earlier page."""
        if not reading.articles:
            return bool(reading.withdrawn)  # all its entries are hidden, and those before them may not be
        keys = _keys_of_each(reading.articles, self._source.pk)
        known = self._seen | keys_stored_among(self._source, set().union(*keys))
        self._seen.update(*keys)
        return any(known.isdisjoint(each) for each in keys)


def joined(source: Source, content: SourceContent) -> Reading | None:
    """Return everything that a fetch read as one reading; None if nothing has changed and no later page was read."""
    first = content.reading or (Reading(kind=source.kind, articles=()) if content.later else None)
    if first is None or not content.later:
        return first
    later = [page.reading for page in content.later]
    return replace(
        first, withdrawn=(*first.withdrawn, *(name for reading in later for name in reading.withdrawn))
    )


def _keys_of_each(articles: Sequence[IncomingArticle], source_id: int) -> list[set[str]]:
    """Return the keys by which each article is known; an address that several of them have says nothing."""
    keys = [_keys(article, source_id) for article in articles]
    shared = {key for key, count in Counter(key for each in keys for key in each).items() if count > 1}
    return [each - shared or each for each in keys]


def _keys(article: IncomingArticle, source_id: int) -> set[str]:
    address = followable(article.url, article.base_url)
    keys = keys_of_name(address, source_id) | keys_of_name(article.guid, source_id)
    return keys or {key_of(article.title, article.html, article.summary_html, article.published_at)}
