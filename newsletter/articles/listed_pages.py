"""Reads the pages that a news sitemap lists, each once, newest first, within what is left of the budget of its fetch.

A page that is not read in this fetch is read in a later one, as long as the sitemap lists it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings

from newsletter.articles.fetch_budget import FetchBudget
from newsletter.articles.formats.protected_posts import AsksForPassword
from newsletter.articles.formats.web_page import load_library
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.models import Source
from newsletter.articles.read_source import Page, SourceContent, read_page
from newsletter.articles.steps.identity_keys import keys_of_name
from newsletter.articles.stored_articles import keys_stored_among
from newsletter.errors import NewsletterError
from newsletter.http.clean_urls import followable
from newsletter.http.fetch import NotAnswered
from newsletter.http.web_addresses import host_of

_MISSING = {404, 410}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ListedPages:
    """The pages of one news sitemap in one fetch. It reads the database, so it is for the caller's thread alone."""

    def __init__(self, source: Source, content: SourceContent) -> None:
        """Begin with what the sitemap lists and is not stored."""
        self._source, self._content = source, content
        self._reading = content.reading or Reading(kind=Source.Kind.NEWS_SITEMAP, articles=())
        self._budget = content.budget or FetchBudget.whole()
        self._queue = deque(_unknown(source, content.location, self._reading.articles))
        self._asked = 0
        self._current: IncomingArticle | None = None
        self._articles: list[IncomingArticle] = []
        self._trouble = ""
        self._is_whole = True

    def next_address(self) -> str:
        """Return the page to read now; empty if this fetch reads no more."""
        self._current = None
        if not self._queue:
            return ""
        # The sitemap itself is the first page.
        if self._asked >= settings.NEWSLETTER.fetch_max_pages - 1 or self._budget.is_spent:
            left = len(self._queue)
            self._stop(f"The sitemap lists {left} more page{'s' if left > 1 else ''}.")
            return ""
        self._asked += 1
        self._current = self._queue.popleft()
        return self._current.url

    def read(self, address: str) -> Page:
        """Fetch and read a page, in any thread. Raises NewsletterError."""
        load_library()  # once, and not at the cost of this page
        return read_page(self._source, address, self._budget, kind=Source.Kind.WEB_PAGE)

    def take(self, page: Page) -> None:
        """Keep the article of a page, with what the sitemap says of it."""
        found = next(iter(page.reading.articles), None)
        if found is None or self._current is None or page.reading.kind != Source.Kind.WEB_PAGE:
            self._keep(self._current)
            return
        listed = self._current
        self._keep(
            replace(
                found,
                # By its listed address it is recognised in the next fetch.
                url=listed.url,
                title=listed.title or found.title,
                published_at=listed.published_at or found.published_at,
                topics=found.topics or listed.topics,
                language=listed.language or found.language,
                image=found.image or listed.image,
            )
        )

    def take_failure(self, _address: str, error: Exception) -> None:
        """Leave a page that is missing or protected, and keep the headline of one without a text that we can read."""
        status = error.status if isinstance(error, NotAnswered) else 0
        if status in _MISSING or isinstance(error.__cause__, AsksForPassword):
            return
        if self._budget.is_spent and self._asked > 1 and self._current:
            self._queue.appendleft(self._current)  # it may be read with a budget of its own
        elif isinstance(error, NewsletterError) and not isinstance(error, NotAnswered):
            self._keep(self._current)
        else:
            self._stop(str(error) if isinstance(error, NewsletterError) else "A page could not be read.")

    def result(self) -> SourceContent:
        """Return the articles that were read. Without all of them, the same sitemap is read again next time."""
        reading = replace(self._reading, articles=tuple(self._articles))
        content = replace(self._content, reading=reading, trouble=self._trouble)
        return content if self._is_whole else replace(content, etag="", last_modified="", document_hash="")

    def _keep(self, article: IncomingArticle | None) -> None:
        if article:
            # A sitemap drops what is older than two days, so that what it does not list is not withdrawn.
            article.on_later_page = True
            self._articles.append(article)

    def _stop(self, why: str) -> None:
        self._trouble, self._is_whole = why, False
        self._queue.clear()


def _unknown(source: Source, location: str, articles: Sequence[IncomingArticle]) -> list[IncomingArticle]:
    """Return those articles at the host of the sitemap that are not stored, newest first, each once."""
    listed = {
        address: replace(article, url=address)
        for article in articles
        if (address := followable(article.url, article.base_url)) and host_of(address) == host_of(location)
    }
    keys = {address: keys_of_name(address, source.pk) for address in listed}
    stored = keys_stored_among(source, set().union(*keys.values()))
    unknown = (article for address, article in listed.items() if stored.isdisjoint(keys[address]))
    return sorted(unknown, key=lambda article: article.published_at or _LONG_AGO, reverse=True)
