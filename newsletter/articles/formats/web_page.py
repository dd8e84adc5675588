"""Read the one article of a web page with trafilatura."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from newsletter.articles.cpu_budget import budget_looked_at_in_calls
from newsletter.articles.formats.document_to_read import TextDocument, first_html_tag
from newsletter.articles.formats.json_ld import (
    article_object,
    authors_of,
    body_of,
    images_of,
    keywords_of,
    licence_of,
    publisher_of,
)
from newsletter.articles.formats.json_values import words
from newsletter.articles.formats.parser_exceptions import PARSER_EXCEPTIONS
from newsletter.articles.formats.protected_posts import AsksForPassword, asks_for_password
from newsletter.articles.html_and_text.embeds_as_words import EMBEDDED, embeds_as_words
from newsletter.articles.html_and_text.html_to_text import plain, text_as_html, without_tags
from newsletter.articles.html_and_text.judge_images import pixels
from newsletter.articles.html_and_text.rewrite_html_in_linear_time import ampersands_escaped, well_nested
from newsletter.articles.incoming_article import Image, IncomingArticle, Reading
from newsletter.articles.parse_dates import is_day_first, parse_date
from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute, followable
from newsletter.http.web_addresses import host_of
from subscribers.clean_text import folded

KIND = "web_page"

LONGEST = 3_000_000
LONGEST_WITHOUT_SCRIPTS = 1_000_000
MAX_TAGS = 15_000
FEWEST_BYTES = 150  # of words in UTF-8, since a sentence of Chinese has few characters

_LOOKED_AT = 20_000
_SEPARATOR = re.compile(r"\s+(?:[|–—·•»«:-]|::)\s+|\s*\|\s*|:\s+")
_EMBEDDED = re.compile(rf'<p class="{EMBEDDED}">(<a href="[^"<>]*">[^<>]*</a>)</p>')
_MARK = re.compile("\ue000(\\d{1,5})\ue001")
_LICENCE_LINKS = "//link[@rel='license']/@href | //a[@rel='license']/@href"
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


def recognises(document: TextDocument) -> bool:
    """Whether a tag of a web page stands in the beginning of the document."""
    return document.json is None and first_html_tag(document.text[:_LOOKED_AT]) is not None


def read(document: TextDocument) -> Reading:
    """Return the article of a page. Raises Invalid if there is none."""
    text, url = document.text, document.url
    if asks_for_password(text[:LONGEST]):
        raise AsksForPassword("The page asks for a password, so it is not public. Add a public page instead.")
    nested = well_nested(embeds_as_words(text)) if len(text) <= LONGEST else None
    if nested is None or nested.count("<") > MAX_TAGS or len(nested) > LONGEST_WITHOUT_SCRIPTS:
        raise Invalid("The page is too large for us to find an article on it. Add the site's feed instead.")
    load_library()
    try:
        with budget_looked_at_in_calls():
            article = _article(ampersands_escaped(nested), url)
    except page_errors() as error:
        raise Invalid(
            "The page has too many errors for us to find an article on it. Add the site's feed instead."
        ) from error
    if not article or not _tells_something(article):
        raise Invalid("We could not find an article on the page. Add the site's feed instead.")
    language = article.language
    return Reading(kind=KIND, articles=(article,), title=article.title, language=language)


def _tells_something(article: IncomingArticle) -> bool:
    """Tell an article from the few words of an error page that a server sent with status 200."""
    if article.summary_html or article.published_at:
        return bool(article.html or article.summary_html)
    return len(plain(article.html).encode()) >= FEWEST_BYTES


def page_errors() -> tuple[type[Exception], ...]:
    """Return what the two libraries raise for pages that nobody foresaw."""
    from lxml import etree

    return (*PARSER_EXCEPTIONS, etree.LxmlError)


def parsed_page(text: str) -> Any:
    """Return the tree of a page. Raises one of `page_errors`."""
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True)
    return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)


def load_library() -> None:
    """Load the library that finds the text of a page, which may take longer than to read a page with it."""
    import trafilatura  # noqa: F401


def _article(text: str, url: str) -> IncomingArticle | None:
    # It takes longer to import than most commands to run, and web pages are the rarest of sources.
    import trafilatura

    tree = parsed_page(text)
    document = trafilatura.extract_metadata(tree, default_url=url)
    links: list[str] = []
    found = trafilatura.extract(
        _EMBEDDED.sub(lambda link: _marked(link[1], links), text),
        url=url,
        output_format="html",
        include_images=True,
        include_links=True,
        include_formatting=True,
        include_comments=False,
    )
    found = _MARK.sub(lambda mark: "".join(links[int(mark[1]) :][:1]), found) if found else found
    told = article_object(tree)
    title = (
        _text(document, "title")
        or _meta(tree, "og:title")
        or folded(" ".join(tree.xpath("//title/text()")[:1]))
    )
    title = _without_site(title, tree, publisher_of(told), url)
    images = (*_named_images(tree, _text(document, "image")), *images_of(told))
    language = str(next(iter(tree.xpath("/html/@lang | /html/@xml:lang")), "")) or _meta(tree, "og:locale")
    return IncomingArticle(
        url=_address(tree, url),
        title=title,
        html=_body(found, title) or text_as_html(body_of(told)),
        summary_html=text_as_html(_text(document, "description")),
        base_url=absolute(next(iter(tree.xpath("//base/@href")), ""), url) or url,
        published_at=_published(tree, text, document, language=language, told=told),
        authors=authors_of(told) or tuple(name.strip() for name in _text(document, "author").split(";")),
        topics=tuple(str(topic) for topic in (getattr(document, "tags", None) or keywords_of(told))),
        language=language,
        licence=licence_of(told) or next(map(str, tree.xpath(_LICENCE_LINKS)[:1]), ""),
        rights=words(told.get("copyrightNotice")),
        image=next(iter(images), None),
        images=images[1:],
    )


def _marked(link: str, links: list[str]) -> str:
    """A paragraph that stands for an embedded player, since trafilatura takes one of a link alone for navigation."""
    links.append(link)
    return f"<p>\ue000{len(links) - 1}\ue001</p>"


def _body(found: str | None, title: str) -> str:
    """The inside of the body that was found, without a first heading that only repeats the title."""
    inside = _BODY.search(found or "")
    body = inside[1] if inside else ""
    heading = _FIRST_HEADING.match(body)
    if heading and folded(without_tags(heading[1])).casefold() == folded(title).casefold():
        body = body[heading.end() :]
    return body.strip()


def _address(tree: Any, url: str) -> str:
    """The page's canonical address where it is on the same site, else where it was found.

    Some programs call the front page the canonical address of each of their pages.
    """
    canonical = followable(next(iter(tree.xpath("//link[@rel='canonical']/@href")), ""), url)
    is_front_page = "/".join(canonical.split("/")[3:]) == "" != "/".join(url.split("/")[3:]).partition("?")[0]
    return canonical if canonical.split("/")[2:3] == url.split("/")[2:3] and not is_front_page else url


def _without_site(title: str, tree: Any, publisher: str, url: str) -> str:
    """The title without the name of the site before or after it: "How to nap | Club" is "How to nap".

    The name is what the page says it is, or all but its one heading.
    """
    parts = _SEPARATOR.split(title)
    if len(parts) < 2:  # noqa: PLR2004 - a title and a name
        return title
    host = host_of(url).removeprefix("www.")
    sites = [_meta(tree, name) for name in ("og:site_name", "application-name", "apple-mobile-web-app-title")]
    names = {_compared(name) for name in (*sites, publisher, host, host.rpartition(".")[0]) if name}
    headings = {_compared(heading) for heading in (h1.text_content() for h1 in tree.xpath("//h1")[:5])}
    for shorter, name in (
        (title.removesuffix(parts[-1]), parts[-1]),
        (title.removeprefix(parts[0]), parts[0]),
    ):
        if _compared(name) in names or _compared(shorter) in headings:
            return _trimmed(shorter)
    return title


def _trimmed(text: str) -> str:
    return text.strip().strip("|–—·•»«:-").strip()


def _compared(text: str) -> str:
    return "".join(each for each in folded(text).casefold() if each.isalnum())


def _published(
    tree: Any, text: str, document: Any, *, language: str, told: Mapping[str, Any]
) -> datetime | None:
    written = [_meta(tree, name) for name in _DATE_NAMES]
    written += [str(value) for path in _WHERE_DATES_STAND for value in tree.xpath(path)[:3]]
    in_json = _IN_JSON.search(text) if not told else None
    candidates = [
        written[0],
        words(told.get("datePublished")),
        in_json[1] if in_json else "",
        *written[1:],
        _text(document, "date"),
    ]
    day_first = is_day_first(candidates, language)
    moments = (
        parse_date(candidate, day_first=day_first, language=language) for candidate in candidates if candidate
    )
    return next((moment for moment in moments if moment), None)


def _named_images(tree: Any, address: str) -> Iterator[Image]:
    if address:
        width, height = (pixels(_meta(tree, f"og:image:{side}")) for side in ("width", "height"))
        yield Image(url=address, alt=_meta(tree, "og:image:alt"), width=width, height=height)
    for name in ("og:image", "twitter:image", "twitter:image:src", "thumbnail"):
        if (other := _meta(tree, name)) and other != address:
            yield Image(url=other)


def _meta(tree: Any, name: str) -> str:
    found = tree.xpath("//meta[@property=$name or @name=$name or @itemprop=$name]/@content", name=name)
    return str(found[0]) if found else ""


def _text(document: Any, name: str) -> str:
    return str(getattr(document, name, None) or "")
