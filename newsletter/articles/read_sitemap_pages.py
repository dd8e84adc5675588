"""Reads the pages that a news sitemap lists, each once, newest first, within what is left of the budget of its fetch.

A page that is not read in this fetch is read in a later one, as long as the sitemap lists it. A page that fails comes
last in the next fetches, so that it stops no other, and after MAX_ATTEMPTS its title and date are all that we keep.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings

from newsletter.articles.article_keys import keys_of_name
from newsletter.articles.fetch_budget import FetchBudget
from newsletter.articles.formats.protected_posts import AsksForPassword
from newsletter.articles.formats.web_page import load_library
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.load_known_articles import keys_stored_among
from newsletter.articles.models import Source
from newsletter.articles.read_source import Page, SourceContent, read_page
from newsletter.errors import NewsletterError
from newsletter.http.clean_urls import followable
from newsletter.http.fetch import NotAnswered
from newsletter.http.web_addresses import host_of

MAX_ATTEMPTS = 5
MAX_IN_A_ROW = 5
"""After this many failures in a row, we assume that the site has a problem, and stop requesting its pages."""
_MISSING = {404, 410}
_TOO_MANY_REQUESTS = 429
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ListedPages:
    """The pages of one news sitemap in one fetch. It reads the database, so it is for the caller's thread alone."""

    def __init__(self, source: Source, content: SourceContent) -> None:
        """Begin with what the sitemap lists and is not stored."""
        self._source, self._content = source, content
        self._reading = content.reading or Reading(kind=Source.Kind.NEWS_SITEMAP, articles=())
        self._budget = content.budget or FetchBudget.whole()
        unknown = _unknown(source, content.location, self._reading.articles)
        before = source.failing_pages or {}
        self._failing = {each.url: int(before[each.url]) for each in unknown if each.url in before}
        self._queue = deque(sorted(unknown, key=lambda article: article.url in self._failing))
        self._asked = self._in_a_row = 0
        self._current: IncomingArticle | None = None
        self._articles: list[IncomingArticle] = []
        self._left = 0
        self._why = ""

    def next_address(self) -> str:
        """Return the page to read now; empty if this fetch reads no more."""
        self._current = None
        if not self._queue:
            return ""
        # The sitemap itself is the first page.
        if self._asked >= settings.NEWSLETTER.fetch_max_pages - 1 or self._budget.is_spent:
            self._stop()
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
        self._in_a_row = 0
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
        """Leave a page that is missing or protected, and keep the headline of one without a text that we can read.

        A page that does not answer is skipped, and a later fetch tries it again.
        """
        listed = self._current
        status = error.status if isinstance(error, NotAnswered) else 0
        if listed is None or status in _MISSING or isinstance(error.__cause__, AsksForPassword):
            self._failing.pop(listed.url if listed else "", None)
        elif self._budget.is_spent and self._asked > 1 and listed.url not in self._failing:
            self._queue.appendleft(listed)  # it may be read with a budget of its own
        elif isinstance(error, NewsletterError) and not isinstance(error, NotAnswered):
            self._keep(listed)
        else:
            self._skip(
                listed, str(error) if isinstance(error, NewsletterError) else "We could not read a page."
            )
            if status == _TOO_MANY_REQUESTS or self._in_a_row >= MAX_IN_A_ROW:
                self._stop()

    def result(self) -> SourceContent:
        """Return the articles that were read. Without all of them, the same sitemap is read again next time."""
        reading = replace(self._reading, articles=tuple(self._articles))
        trouble = self._trouble()
        content = replace(self._content, reading=reading, trouble=trouble, failing=self._failing)
        return replace(content, etag="", last_modified="", document_hash="") if trouble else content

    def _keep(self, article: IncomingArticle | None) -> None:
        if article:
            # A sitemap drops what is older than two days, so that what it does not list is not withdrawn.
            article.on_later_page = True
            self._articles.append(article)
            self._failing.pop(article.url, None)

    def _skip(self, listed: IncomingArticle, why: str) -> None:
        """Count the attempt, and keep the headline of a page after the last one."""
        self._in_a_row += 1
        self._failing[listed.url] = self._failing.get(listed.url, 0) + 1
        if self._failing[listed.url] >= MAX_ATTEMPTS:
            self._keep(listed)
        else:
            self._why = self._why or why

    def _stop(self) -> None:
        self._left = sum(article.url not in self._failing for article in self._queue)
        self._queue.clear()

    def _trouble(self) -> str:
        """Say what this fetch did not read, but a later one will; empty if it read everything."""
        failing = len(self._failing)
        said = []
        if self._left:
            said.append(
                f"The sitemap lists {self._left} more page{'s' if self._left > 1 else ''}, which we will "
                "read later."
            )
        if failing:
            pages = "1 page" if failing == 1 else f"{failing} pages"
            said.append(
                f"We could not read {pages} that the sitemap lists. We will try again. {self._why}".rstrip()
            )
        return " ".join(said)


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
