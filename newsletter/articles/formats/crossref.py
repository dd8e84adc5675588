"""Read a list of works from the REST API of Crossref, such as the newest of a journal or on a subject.

Fields as in https://api.crossref.org/swagger-ui/index.html (`/works`, `/journals/{issn}/works`).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from newsletter.articles.formats.document_to_read import TextDocument
from newsletter.articles.formats.json_values import at_most, mapping, mappings, sequence, words
from newsletter.articles.formats.study_references import Study, citation_of
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.http.clean_urls import absolute

KIND = "crossref"

# Abstracts are JATS: https://jats.nlm.nih.gov/
_JATS = re.compile(r"<(/?)jats:(p|italic|bold|sup|sub|title|sec|list|list-item)\b[^<>]{0,200}>")
_HTML_NAMES = {
    "italic": "i",
    "bold": "b",
    "title": "h4",
    "sec": "div",
    "list": "ul",
    "list-item": "li",
}
_DATES = ("published-online", "published", "published-print", "issued", "created")


def recognises(document: TextDocument) -> bool:
    """Tell whether a document is a list of works."""
    return mapping(document.json).get("message-type") == "work-list"


def read(document: TextDocument) -> Reading:
    """Return the works that have a title. Raises Invalid if there are too many."""
    found = mapping(mapping(document.json).get("message")).get("items")
    works = mappings(at_most(sequence(found)))
    return Reading(
        kind=KIND, articles=tuple(_article(work, document.url) for work in works if _first(work, "title"))
    )


def _article(work: Mapping[str, Any], url: str) -> IncomingArticle:
    doi = words(work.get("DOI"))
    title = _first(work, "title")
    authors = tuple(_names(work))
    published_at = next((moment for name in _DATES if (moment := _moment(mapping(work.get(name))))), None)
    address = absolute(words(work.get("URL")), url)
    study = Study(
        title=title,
        authors=authors,
        journal=_first(work, "container-title"),
        year=published_at.year if published_at else None,
        volume=words(work.get("volume")),
        number=words(work.get("issue")),
        pages=words(work.get("page")),
        doi=doi,
    )
    return IncomingArticle(
        url=address,
        guid=f"doi:{doi.lower()}" if doi else "",
        title=title,
        html=_JATS.sub(_as_html, words(work.get("abstract"))),
        base_url=address or url,
        published_at=published_at,
        authors=authors,
        topics=tuple(filter(None, map(words, sequence(work.get("subject"))))),
        language=words(work.get("language")),
        references=(citation_of(study, url="" if doi else address),),
    )


def _first(work: Mapping[str, Any], name: str) -> str:
    return next(filter(None, map(words, sequence(work.get(name)))), "")


def _names(work: Mapping[str, Any]) -> list[str]:
    people = mappings(work.get("author"))
    names = (
        f"{words(each.get('given'))} {words(each.get('family'))}".strip() or words(each.get("name"))
        for each in people
    )
    return [name for name in names if name]


def _moment(value: Mapping[str, Any]) -> datetime | None:
    """Return the day in `date-parts`, which may be a year or a month alone."""
    parts = sequence(next(iter(sequence(value.get("date-parts"))), None))
    year, month, day = [*parts, None, None, None][:3]
    try:
        return datetime(year, month or 1, day or 1, tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _as_html(tag: re.Match[str]) -> str:
    return f"<{tag[1]}{_HTML_NAMES.get(tag[2], tag[2])}>"
