"""Turn a document into articles, whatever it claims to be: its content decides which format reads it.

What cannot be read is one sentence, as Invalid; no input makes a reader fail in another way or run without end.
"""

from functools import cached_property

from newsletter.articles.cpu_budget import cpu_budget
from newsletter.articles.formats import crossref, feed, ghost, json_feed, news_sitemap, web_page, wordpress
from newsletter.articles.formats.decode_documents import decoded
from newsletter.articles.formats.document_to_read import Format, TextDocument
from newsletter.articles.formats.feed_autodiscovery import AnnouncedFeed, announced_feeds
from newsletter.articles.formats.opml import is_feed_list, why_no_source
from newsletter.articles.incoming_article import Reading
from newsletter.articles.leave_out_unpublished import published_only
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document
from newsletter.http.web_addresses import without_credentials

# The first that recognises a document reads it.
FORMATS: tuple[Format, ...] = (json_feed, ghost, crossref, wordpress, news_sitemap, feed, web_page)

_EXPECTED = {
    "feed": "a feed",
    "json_feed": "a feed",
    "wordpress": "posts from WordPress",
    "ghost": "posts from Ghost",
    "news_sitemap": "a news sitemap",
    "crossref": "works from Crossref",
}


class OpenedDocument:
    """A document. We decode it once and look for its format once, however often either is needed."""

    def __init__(self, document: Document) -> None:
        """Open a document; nothing of it is read yet."""
        self._document = document

    @cached_property
    def text(self) -> TextDocument:
        """The document as text. Raises Invalid if it is empty or damaged."""
        given = self._document
        text = decoded(given.data, given.content_type).lstrip("\ufeff \t\r\n\0")
        if not text:
            raise Invalid(
                "the site sent an empty response. Try again later, or check the address in a browser."
            )
        return TextDocument(text, given.url, given.headers)

    @cached_property
    def format(self) -> Format | None:
        """The first format that recognises the document; None if none does. Raises Invalid if it is damaged."""
        return next((each for each in FORMATS if each.recognises(self.text)), None)

    def feeds(self) -> list[AnnouncedFeed]:
        """Return the feeds that a web page announces in its `<link rel="alternate">`, without those of comments."""
        try:
            with cpu_budget(without_credentials(self._document.url)):
                return announced_feeds(self.text) if self.format is web_page else []
        except Invalid:
            return []

    def read(self, *, expected_kind: str = "") -> Reading:
        """Return the public articles. `expected_kind` is the Source.Kind that the source had before, if any.

        Raises Invalid with a sentence that names the place.
        """
        place = without_credentials(self._document.url)
        try:
            with cpu_budget(place):
                return _read(self, expected_kind)
        except Invalid as error:
            raise Invalid(f"{place}: {error}") from error


def read_document(document: Document, *, expected_kind: str = "") -> Reading:
    """Return the public articles of a document, as `OpenedDocument.read` does."""
    return OpenedDocument(document).read(expected_kind=expected_kind)


def find_feeds(document: Document) -> list[AnnouncedFeed]:
    """Return the feeds that a document announces, as `OpenedDocument.feeds` does."""
    return OpenedDocument(document).feeds()


def _read(opened: OpenedDocument, expected_kind: str) -> Reading:
    document = opened.text
    if is_feed_list(document.text):
        raise Invalid(why_no_source(document.text))
    found = opened.format
    if found is None and document.json is not None:
        raise Invalid(
            "the site sent JSON that is not a JSON Feed and does not come from WordPress, Ghost or "
            "Crossref. Check the address."
        )
    if found is None:
        raise Invalid("the site did not send a feed or a web page. Check the address in a browser.")
    if found is web_page and expected_kind in _EXPECTED:
        raise Invalid(
            f"the site sent a web page instead of {_EXPECTED[expected_kind]}. Check the address in a browser."
        )
    return published_only(found.read(document))
