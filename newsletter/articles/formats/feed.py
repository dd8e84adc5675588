"""Read RSS 0.9x, 1.0 and 2.0 and Atom with feedparser, its own sanitising turned off: cleaning comes later, and once.

Entities that a document declares are dropped before feedparser sees them, so that none can be expanded or fetched.
Deleted entries are read as RFC 6721 writes them.
"""

import html
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.sax import SAXException

from newsletter.articles.formats.bounded_feedparser import parse
from newsletter.articles.formats.document_to_read import TextDocument, first_html_tag, without_prologue
from newsletter.articles.formats.feed_authors_and_topics import authors_of, podcaster_of, topics_of
from newsletter.articles.formats.feed_entry_media import duration_of, images_of, recording_of
from newsletter.articles.formats.feed_rights import (
    forbidding_rights_of,
    licence_of,
    rights_of,
    with_rights_of_feed,
)
from newsletter.articles.formats.github_release_notes import is_release, text_of_release, title_of_release
from newsletter.articles.formats.parser_exceptions import PARSER_EXCEPTIONS
from newsletter.articles.formats.protected_posts import is_protected_post
from newsletter.articles.formats.study_references import study_of
from newsletter.articles.formats.visibility_fields import says_yes
from newsletter.articles.html_and_text.html_to_text import plain, text_as_html
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.parse_dates import is_day_first, parse_date
from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute

KIND = "feed"

MAX_ENTRIES = 10_000
# Tags outside CDATA: any feed may have the first number, and one more for every 25 characters.
MAX_TAGS = 20_000
CHARACTERS_OF_A_TAG = 25

_ROOT = re.compile(r"<(?:[A-Za-z][\w.-]{0,20}:)?(?:rss|feed|rdf|channel)(?=[\s>/])", re.IGNORECASE)
_LOOKED_AT = 20_000
_WRAPPED = re.compile(
    r"<(?:feed\b[^>]{0,1000}xmlns=[\"']http://www\.w3\.org/2005/Atom|rss\b[^>]{0,1000}\bversion=|rdf:RDF\b[^>]{0,1000}xmlns)",
    re.IGNORECASE,
)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTRY = re.compile(r"<(?:[A-Za-z][\w.-]{0,20}:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_DELETED = re.compile(
    r"<(?:[A-Za-z][\w.-]{0,20}:)?deleted-entry\s[^<>]*?\bref\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')"
)
_ENDS = ("</rss>", "</feed>", "</rdf:RDF>")
_TAKEN_FOR_TEXT = frozenset({"text/plain"})
_TAKEN_FOR_HTML = frozenset({"text/html", "application/xhtml+xml"})
# Dublin Core's dates are among feedparser's own: https://feedparser.readthedocs.io/en/latest/reference-entry-published.html
_DATES = (
    *("published", "prism_publicationdate", "updated", "created", "dcterms_date", "prism_onlinedate"),
    *("prism_coverdate", "prism_coverdisplaydate", "dc_date", "date"),
)
_EMBARGOES = ("prism_embargodate", "available", "dcterms_available")
_ENDINGS = ("prism_expirationdate", "expired", "validity")
# What feedparser raises for feeds that are broken in a way that nobody foresaw.
_PARSER_EXCEPTIONS = (*PARSER_EXCEPTIONS, SAXException, re.error)


def recognises(document: TextDocument) -> bool:
    """Tell whether the document has the root element of a feed before any tag of a web page."""
    if document.json is not None:
        return False
    beginning = without_prologue(document.text)[:_LOOKED_AT]
    root, html_tag = _ROOT.search(beginning), first_html_tag(beginning)
    if root is None:
        return False
    # Some servers wrap a whole feed into a page; a mere element of that name has no namespace, version or entry.
    return html_tag is None or root.start() < html_tag or bool(_WRAPPED.match(beginning, root.start()))


def read(document: TextDocument) -> Reading:
    """Return the articles of an RSS or Atom document. Raises Invalid if it cannot be read."""
    url, text = document.url, _prepared(document.text)
    try:
        parsed = parse(text)
    except _PARSER_EXCEPTIONS as error:
        raise Invalid(
            "The feed has too many errors for us to read it. Tell its publisher, or add a different address."
        ) from error
    if not parsed.entries and not parsed.version and not parsed.feed:
        raise Invalid("The document looks like a feed, but we could not read anything in it.")
    feed = parsed.feed
    home = absolute(str(dict.get(feed, "link") or ""), url) or url
    language = str(dict.get(feed, "language") or "")
    shared = authors_of(feed) if parsed.version.startswith("atom") else ()
    atom = parsed.version.startswith("atom")
    dates = (str(dict.get(item, name) or "") for item in parsed.entries for name in _DATES)
    day_first = is_day_first(dates, language)
    forbidden = forbidding_rights_of(feed)
    return Reading(
        kind=KIND,
        articles=tuple(
            with_rights_of_feed(
                _with_study(
                    _article(item, home, language, shared, atom=atom, day_first=day_first), item, feed
                ),
                forbidden,
            )
            for item in parsed.entries
        ),
        title=plain(str(dict.get(feed, "title") or ""), decodings=2),
        language=language,
        well_formed=parsed.well_formed,
        withdrawn=tuple(_withdrawn(text)),
        next_page=_next_page(feed, url),
    )


def _next_page(feed: Any, url: str) -> str:
    """The document with the entries before these: the next page, or the archive before it (RFC 5005, 3 and 4)."""
    links = {
        str(link.get("rel") or "").rpartition("/")[2].lower(): str(link.get("href") or "")
        for link in reversed(dict.get(feed, "links") or ())
    }
    base = absolute(str((dict.get(feed, "title_detail") or {}).get("base") or ""), url) or url
    return absolute(links.get("next") or links.get("prev-archive") or "", base)


def _prepared(text: str) -> str:
    """The document from its root element to that element's end, without what XML forbids."""
    text = without_prologue(_NOT_XML.sub("", text))
    root = _ROOT.search(text)
    text = text[root.start() if root else 0 :]
    end = (
        max(text.rfind(mark) + len(mark) for mark in _ENDS if mark in text)
        if any(m in text for m in _ENDS)
        else len(text)
    )
    text = text[:end]
    if _more_than(_ENTRY, text, MAX_ENTRIES):
        raise Invalid(
            f"The feed has more than {MAX_ENTRIES:,} entries. Ask its publisher for a shorter feed."
        )
    most = MAX_TAGS + len(text) // CHARACTERS_OF_A_TAG
    if text.count("<") > most and _CDATA.sub("", text).count("<") > most:
        raise Invalid("The feed has too many elements. Ask its publisher for a shorter feed.")
    return text


def _more_than(pattern: re.Pattern[str], text: str, most: int) -> bool:
    return sum(1 for _, _ in zip(range(most + 1), pattern.finditer(text), strict=False)) > most


def _withdrawn(text: str) -> Iterator[str]:
    if "deleted-entry" in text:
        for found in _DELETED.finditer(text):
            yield html.unescape(found[1] or found[2] or "").strip()


def _article(
    item: Any, home: str, language: str, shared: tuple[str, ...], *, atom: bool, day_first: bool | None
) -> IncomingArticle:
    known: dict[str, Any] = dict(item.items())
    detail = known.get("title_detail") or {}
    body, summary, told = _texts(known)
    xml_base = told.get("base") or detail.get("base") or ""
    url = _link(known, absolute(xml_base, home) or home)
    base = absolute(xml_base, url or home) or url or home
    title = str(known.get("title") or "")
    if atom and detail.get("type") in _TAKEN_FOR_TEXT and "<" in title:
        title = html.escape(title)
    guid = str(known.get("id") or "")
    if is_release(guid):
        title, body, summary = title_of_release(title, url), text_of_release(body), text_of_release(summary)
    images = images_of(known)
    return IncomingArticle(
        url=url,
        guid=guid,
        title=title,
        html=body,
        summary_html=summary,
        base_url=base,
        published_at=_published(known, day_first=day_first, language=language),
        authors=authors_of(known) or podcaster_of(known) or shared,
        topics=topics_of(known),
        language=told.get("language") or detail.get("language") or language,
        image=next(iter(images), None),
        images=images[1:],
        licence=licence_of(known),
        rights=rights_of(known),
        duration_seconds=duration_of(known),
        hidden=_is_hidden(known, title, body or summary),
        public_from=_first_date(known, _EMBARGOES),
        public_until=_first_date(known, _ENDINGS),
    )


def _with_study(article: IncomingArticle, item: Any, feed: Any) -> IncomingArticle:
    study = study_of(
        dict(item.items()),
        feed,
        url=article.url,
        title=article.title,
        authors=article.authors,
        published_at=article.published_at,
    )
    article.references = (study,) if study else ()
    return article


def _is_hidden(known: dict[str, Any], title: str, markup: str) -> bool:
    """Tell whether the entry is a draft (RFC 5023, 13.1.1), is kept out of directories, or needs a password.

    An export of WordPress is a feed too, and holds whatever the site holds.
    """
    return (
        says_yes(known.get("app_draft"))
        or bool(known.get("itunes_block"))
        or str(known.get("wp_status") or "publish").strip() != "publish"
        or bool(str(known.get("wp_post_password") or "").strip())
        or str(known.get("wp_post_type") or "post").strip() not in {"post", "page"}
        or is_protected_post(title, markup)
    )


def _first_date(known: dict[str, Any], names: tuple[str, ...]) -> datetime | None:
    """Return the first of these dates that can be read; DCMI Period writes `end=` before it."""
    written = (str(known.get(name) or "").rpartition("end=")[2].partition(";")[0] for name in names)
    return next((moment for text in written if (moment := parse_date(text))), None)


def _texts(known: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Body and summary as HTML, and what is told about the body (its base and language)."""
    summary = str(known.get("summary") or "")
    described = known.get("summary_detail") or {}
    if described.get("type") in _TAKEN_FOR_TEXT:
        summary = text_as_html(summary)
    contents = [part for part in known.get("content") or () if part.get("value")]
    readable = [part for part in contents if part.get("type") in _TAKEN_FOR_HTML | _TAKEN_FOR_TEXT]
    if not readable:
        return summary, "", described
    longest = max(readable, key=lambda part: len(part["value"]))
    body = str(longest["value"])
    if longest.get("type") in _TAKEN_FOR_TEXT and "</" not in body:
        body = text_as_html(body)
    return body, summary, longest


def _link(known: dict[str, Any], base: str) -> str:
    link = str(known.get("feedburner_origlink") or known.get("link") or "").strip()
    if not link and _scheme(str(known.get("permanent_address") or "")).startswith("http"):
        link = str(known["permanent_address"])
    if not link:
        link = next(
            (
                str(other.get("href") or "")
                for other in known.get("links") or ()
                if other.get("rel") == "alternate"
            ),
            "",
        )
    if link == known.get("id") and not _scheme(link).startswith("http"):
        link = ""
    return absolute(link or recording_of(known), base)


def _scheme(link: str) -> str:
    try:
        return urlsplit(link).scheme
    except ValueError:
        return ""


def _published(known: dict[str, Any], *, day_first: bool | None, language: str) -> datetime | None:
    written = (str(known.get(name) or "") for name in _DATES)
    return next(
        (moment for text in written if (moment := parse_date(text, day_first=day_first, language=language))),
        None,
    )
