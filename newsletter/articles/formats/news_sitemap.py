"""Read a news sitemap: the addresses, titles and dates of the articles of the last days, without their text.

https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

import re
from typing import Any

from newsletter.articles.formats.document_to_read import TextDocument, without_prologue
from newsletter.articles.incoming_article import Image, IncomingArticle, Reading
from newsletter.articles.parse_dates import parse_date
from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute

KIND = "news_sitemap"

MAX_ENTRIES = 10_000

_ROOT = re.compile(r"<(?:[A-Za-z][\w.-]{0,20}:)?(urlset|sitemapindex)(?=[\s>/])")
_ENTRY = re.compile(r"<(?:[A-Za-z][\w.-]{0,20}:)?url(?=[\s>/])")


def recognises(document: TextDocument) -> bool:
    """Tell whether a document is a sitemap or a list of sitemaps."""
    return document.json is None and _ROOT.match(without_prologue(document.text)) is not None


def read(document: TextDocument) -> Reading:
    """Return the articles that the sitemap lists. Raises Invalid for a sitemap that lists no news."""
    from lxml import etree

    text = without_prologue(document.text)
    root = _ROOT.match(text)
    if root and root[1] == "sitemapindex":
        raise Invalid(
            "This is a list of sitemaps, not a news sitemap. Find the news sitemap in the list, and add its address."
        )
    if len(_ENTRY.findall(text)) > MAX_ENTRIES:
        raise Invalid(
            f"The sitemap has more than {MAX_ENTRIES:,} addresses. Add the site's news sitemap instead."
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        tree = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise Invalid(
            "The sitemap has too many errors for us to read it. Tell its publisher, or add the site's feed."
        ) from error
    entries = [] if tree is None else list(tree.iter("{*}url"))
    articles = tuple(_article(entry, document.url) for entry in entries if entry.find("{*}news") is not None)
    if entries and not articles:
        raise Invalid(
            "This sitemap does not mark its pages as news. Add the site's news sitemap or its feed."
        )
    return Reading(
        kind=KIND,
        articles=articles,
        title=_text(tree, ".//{*}publication/{*}name"),
        language=_text(tree, ".//{*}publication/{*}language"),
        lists_pages=True,
    )


def _article(entry: Any, url: str) -> IncomingArticle:
    news = entry.find("{*}news")
    picture = _text(entry, "{*}image/{*}loc")
    address = absolute(_text(entry, "{*}loc"), url)
    return IncomingArticle(
        url=address,
        title=_text(news, "{*}title"),
        base_url=address or url,
        published_at=parse_date(_text(news, "{*}publication_date")),
        topics=tuple(part.strip() for part in _text(news, "{*}keywords").split(",") if part.strip()),
        language=_text(news, "{*}publication/{*}language"),
        image=Image(url=picture) if picture else None,
        # `Subscription` or `Registration`: not everybody may read it.
        hidden=bool(_text(news, "{*}access")),
    )


def _text(element: Any, path: str) -> str:
    found = None if element is None else element.find(path)
    return "" if found is None else str(found.text or "").strip()
