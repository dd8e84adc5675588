"""Give articles the keys by which they are recognised, and leave out what a document says twice.

Identity compares them with those of stored articles. Within one document they show what it says twice.
"""

from collections.abc import Hashable, Iterable

from newsletter.articles.article_keys import key_of, squeezed
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.http.web_addresses import is_front_page, url_key

ENOUGH_WORDS = 200  # characters: fewer may well be the same by chance ("Closed on Monday")
LONGEST_TITLE = 500

# All that is stored of an article: as soon as anything of it differs, its fingerprint differs.
_STORED = (
    "url",
    "guid",
    "title",
    "standfirst",
    "body_html",
    "authors",
    "topics",
    "language",
    "image",
    "published_at",
    "references",
    "corrections",
)


def add_keys(article: IncomingArticle, source_id: int) -> None:
    """Add the keys and the fingerprint. A GUID counts within its source alone; a missing title becomes the address."""
    place = url_key(article.url)
    guid_place = url_key(article.guid)
    stored = [getattr(article, name) for name in _STORED]
    # Few articles have these, and all others keep the fingerprint that they were stored with.
    stored += [article.duration_seconds] if article.duration_seconds else []
    stored += [article.licence, article.rights] if article.licence or article.rights else []
    article.fingerprint = key_of(*stored)
    article.title = article.title or article.url[:LONGEST_TITLE]
    article.title_key = squeezed(article.title)
    standfirst, body = squeezed(article.standfirst), squeezed(article.body_html)
    article.text_length = len(body or standfirst)
    words = f"{standfirst}\n{body}"
    article.content_hash = key_of(article.title_key, words)
    article.has_many_words = len(words) >= ENOUGH_WORDS
    article.url_key = key_of(place) if place else ""
    article.is_front_page = bool(place) and is_front_page(place)
    article.guid_key = key_of(source_id, guid_place or article.guid) if article.guid else ""


def without_repeats(articles: Iterable[IncomingArticle]) -> list[IncomingArticle]:
    """The articles of one document, leaving out those that say an earlier one again."""
    kept: list[IncomingArticle] = []
    seen: set[Hashable] = set()
    for article in articles:
        marks = _marks_of_repetition(article)
        if seen.isdisjoint(marks):
            kept.append(article)
        seen.update(marks)
    return kept


def _marks_of_repetition(article: IncomingArticle) -> list[Hashable]:
    marks: list[Hashable] = []
    if article.url_key:
        marks.append(("address and words", article.url_key, article.content_hash))
    if article.guid_key:
        marks.append(("guid and words", article.guid_key, article.content_hash))
    if article.url_key and article.guid_key:
        marks.append(("address, guid and title", article.url_key, article.guid_key, article.title_key))
    if not article.url_key and not article.guid_key:
        marks.append(("words and date", article.content_hash, article.published_at))
    return marks
