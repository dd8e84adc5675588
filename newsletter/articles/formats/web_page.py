"""Read the one article of a web page with trafilatura, and find the feed that a page announces."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from newsletter.articles.cpu_budget import budget_looked_at_in_calls
from newsletter.articles.formats.parser_errors import PARSER_ERRORS
from newsletter.articles.formats.protected_posts import asks_for_password
from newsletter.articles.formats.text_document import TextDocument, first_html_tag
from newsletter.articles.incoming_article import Image, IncomingArticle, Reading
from newsletter.articles.parse_dates import parse_date
from newsletter.articles.steps.lead_image import pixels
from newsletter.articles.steps.plain_text import plain, text_as_html, without_tags
from newsletter.articles.steps.well_nested import ampersands_escaped, well_nested
from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute, followable
from subscribers.text import folded

KIND = "web_page"

LONGEST = 3_000_000
LONGEST_WITHOUT_SCRIPTS = 1_000_000
MAX_TAGS = 15_000
FEWEST_BYTES = 150  # of words in UTF-8, since a sentence of Chinese has few letters

_LOOKED_AT = 20_000
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
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
_FIRST_HEADING = re.compile(r"\s*<h1>(.*?)</h1>", re.DOTALL)
_IN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_DATE_NAMES = (
    "article:published_time",
    "datePublished",
    "citation_publication_date",
    "parsely-pub-date",
    "pubdate",
    "date",
    "dc.date",
    "DC.date.issued",
)
_WHERE_DATES_STAND = ("//*[@itemprop='datePublished']/@datetime", "//article//time/@datetime")
# What the two libraries raise for pages that nobody foresaw.
_PARSER_ERRORS = (*PARSER_ERRORS, etree.LxmlError)


def recognises(document: TextDocument) -> bool:
    """Whether a tag of a web page stands in the beginning of the document."""
    return document.json is None and first_html_tag(document.text[:_LOOKED_AT]) is not None


def read(document: TextDocument) -> Reading:
    """Return the article of a page. Raises Invalid if there is none."""
    text, url = document.text, document.url
    if asks_for_password(text[:LONGEST]):
        raise Invalid(
            "The page asks for a password, so not everybody may read it. Add a public page instead."
        )
    nested = well_nested(text) if len(text) <= LONGEST else None
    if nested is None or nested.count("<") > MAX_TAGS or len(nested) > LONGEST_WITHOUT_SCRIPTS:
        raise Invalid("The page is too large to find an article in. Add the site's feed instead.")
    try:
        with budget_looked_at_in_calls():
            article = _article(ampersands_escaped(nested), url)
    except _PARSER_ERRORS as error:
        raise Invalid("The page is too broken to find an article in. Add the site's feed instead.") from error
    if not article or not _tells_something(article):
        raise Invalid("No article was found on the page. Add the site's feed instead.")
    language = article.language
    return Reading(kind=KIND, articles=(article,), title=article.title, language=language)


def _tells_something(article: IncomingArticle) -> bool:
    """Tell an article from the few words of an error page that a server sent with status 200."""
    if article.summary_html or article.published_at:
        return bool(article.html or article.summary_html)
    return len(plain(article.html).encode()) >= FEWEST_BYTES


def find_feed_in(page: TextDocument) -> str | None:
    """Return the address of the first feed that a page announces; a feed of comments only if it is the only one."""
    try:
        tree = _tree(_head_of(page.text))
        found = list(_announced(tree, page.url)) if tree is not None else []
    except _PARSER_ERRORS:
        return None
    return next((address for address in found if not _COMMENTS.search(address)), found[0] if found else None)


def _head_of(text: str) -> str:
    """The beginning of a page, where it names its feeds, as a parser reads it without trouble."""
    beginning = text[:LONGEST]
    while (nested := well_nested(beginning)) is None:
        beginning = beginning[: len(beginning) // 2]
    return nested


def _tree(text: str) -> Any:
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True)
    return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)


def _announced(tree: Any, url: str) -> Iterator[str]:
    base = absolute(next(iter(tree.xpath("//base/@href")), ""), url) or url
    for link in tree.xpath("//link[@rel and @type and @href]"):
        kind = link.get("type").partition(";")[0].strip().lower()
        address = absolute(link.get("href"), base)
        if address and kind in _FEED_TYPES and "alternate" in link.get("rel").lower().split():
            yield address


def _article(text: str, url: str) -> IncomingArticle | None:
    # It takes longer to import than most commands to run, and web pages are the rarest of sources.
    import trafilatura

    tree = _tree(text)
    document = trafilatura.extract_metadata(tree, default_url=url)
    found = trafilatura.extract(
        text,
        url=url,
        output_format="html",
        include_images=True,
        include_links=True,
        include_formatting=True,
        include_comments=False,
    )
    title = (
        _text(document, "title")
        or _meta(tree, "og:title")
        or folded(" ".join(tree.xpath("//title/text()")[:1]))
    )
    return IncomingArticle(
        url=_address(tree, url),
        title=title,
        html=_body(found, title),
        summary_html=text_as_html(_text(document, "description")),
        base_url=absolute(next(iter(tree.xpath("//base/@href")), ""), url) or url,
        published_at=_published(tree, text, document),
        authors=tuple(name.strip() for name in _text(document, "author").split(";")),
        topics=tuple(str(topic) for topic in (getattr(document, "tags", None) or ())),
        language=str(next(iter(tree.xpath("/html/@lang | /html/@xml:lang")), "")) or _meta(tree, "og:locale"),
        image=_image(tree, _text(document, "image")),
    )


def _body(found: str | None, title: str) -> str:
    """The inside of the body that was found, without a first heading that only repeats the title."""
    inside = _BODY.search(found or "")
    body = inside[1] if inside else ""
    heading = _FIRST_HEADING.match(body)
    if heading and folded(without_tags(heading[1])).casefold() == folded(title).casefold():
        body = body[heading.end() :]
    return body.strip()


def _address(tree: Any, url: str) -> str:
    """The page's canonical address where it is on the same site, else where it was found."""
    canonical = followable(next(iter(tree.xpath("//link[@rel='canonical']/@href")), ""), url)
    return canonical if canonical.split("/")[2:3] == url.split("/")[2:3] else url


def _published(tree: Any, text: str, document: Any) -> Any:
    written = [_meta(tree, name) for name in _DATE_NAMES]
    written += [str(value) for path in _WHERE_DATES_STAND for value in tree.xpath(path)[:3]]
    in_json = _IN_JSON.search(text)
    candidates = [written[0], in_json[1] if in_json else "", *written[1:], _text(document, "date")]
    return next((moment for candidate in candidates if (moment := parse_date(candidate))), None)


def _image(tree: Any, address: str) -> Image | None:
    if not address:
        return None
    sides = (pixels(_meta(tree, f"og:image:{side}")) for side in ("width", "height"))
    width, height = sides
    return Image(url=address, alt=_meta(tree, "og:image:alt"), width=width, height=height)


def _meta(tree: Any, name: str) -> str:
    found = tree.xpath("//meta[@property=$name or @name=$name or @itemprop=$name]/@content", name=name)
    return str(found[0]) if found else ""


def _text(document: Any, name: str) -> str:
    return str(getattr(document, name, None) or "")
