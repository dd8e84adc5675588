"""Turn what sources send into plain words: no markup, no control characters, nothing that a database refuses."""

from dataclasses import replace

from newsletter.articles.html_and_text.html_to_text import (
    beginning_of,
    is_prose,
    plain,
    plain_title,
    without_reference_marks,
)
from newsletter.articles.html_and_text.split_bylines import people_in, topics_in
from newsletter.articles.incoming_article import Amendment, Citation, Image, IncomingArticle
from newsletter.http.clean_urls import LONGEST
from subscribers.clean_text import folded
from subscribers.phrases import shortened

LONGEST_TITLE = 500
LONGEST_ALT = 500
LONGEST_NAME = 200
LONGEST_TOPIC = 100
LONGEST_DOI = 300
MAX_AUTHORS = 30
MAX_TOPICS = 40
REPEATS_LOOKED_AT = 10

_READ_FROM_SUMMARY = 4_000  # a standfirst is made of the beginning of a text


def to_plain_text(article: IncomingArticle) -> None:
    """Turn every text of the article into plain words, each within what the database keeps.

    `summary` becomes the beginning of the summary.
    """
    article.title = plain_title(article.title, longest=LONGEST_TITLE)
    summary = without_reference_marks(beginning_of(article.safe_summary_html, _READ_FROM_SUMMARY))
    article.summary = plain(summary) if is_prose(summary) else ""
    article.authors = _names(people_in(article.authors[:MAX_AUTHORS]), LONGEST_NAME, MAX_AUTHORS)
    article.topics = _names(topics_in(article.topics), LONGEST_TOPIC, MAX_TOPICS)
    if article.image:
        article.image = replace(article.image, alt=plain(article.image.alt, longest=LONGEST_ALT))
    article.body_images = tuple(map(_described, article.body_images))
    article.references = tuple(filter(None, map(_reference, article.references)))
    article.corrections = tuple(filter(None, map(_correction, article.corrections)))
    article.guid = folded(article.guid)[:LONGEST]


def _names(texts: tuple[str, ...], longest: int, most: int) -> tuple[str, ...]:
    """Return the names in their order, trimmed, each once whatever its case."""
    found: dict[str, str] = {}
    for text in texts[: most * REPEATS_LOOKED_AT]:
        if name := plain(text, decodings=2, longest=longest):
            found.setdefault(name.casefold(), name)
    return tuple(found.values())[:most]


def _described(image: Image) -> Image:
    return image if len(image.alt) <= LONGEST_ALT else replace(image, alt=shortened(image.alt, LONGEST_ALT))


def _reference(given: Citation) -> Citation | None:
    doi = folded(given.doi)[:LONGEST_DOI]
    named = plain(given.citation) or given.url or doi
    return replace(given, citation=named, doi=doi) if named else None


def _correction(given: Amendment) -> Amendment | None:
    text = plain(given.text)
    return replace(given, text=text) if text else None
