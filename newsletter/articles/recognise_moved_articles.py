"""Recognises the articles of a site that moved: neither address, GUID nor words are as before, so the title decides.

Only what nothing else has recognised comes here (see recognise_articles.py). The rules, strongest first:

1. the same title, date and last part of the address: the site has other folders;
2. the same title and date, where no entry has the host of the stored article any more: the site has another host;
3. the same title and last part of the address, where that host is gone and the part is long enough to be a name;
4. the same title alone, where almost nothing else of the document is known and most titles are: a new site.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.load_known_articles import StoredArticle

FEWEST_ENTRIES: Final = 4
FEW: Final = 0.2
MOST: Final = 0.5
LETTERS_OF_A_NAME: Final = 8

_PLACE = re.compile(r"https?://(?:www\.)?([^/?#]*)([^?#]*)(\?[^#]*)?", re.IGNORECASE)
_FILE_ENDING = re.compile(r"\.(?:html?|php|aspx?)\Z", re.IGNORECASE)

Mark = str | tuple[object, ...]
Key = Callable[[Any], Mark]


def recognise_moved(
    articles: Sequence[IncomingArticle],
    stored: Iterable[StoredArticle],
    found: list[StoredArticle | None],
) -> None:
    """Fill in `found` for the articles that moved, from the stored ones of this source that nothing has matched."""
    if None not in found:
        return
    matched = {match.article_id for match in found if match}
    free = [it for it in stored if it.owned and it.article_id not in matched]
    hosts = {_host(article.url) for article in articles}
    elsewhere = [it for it in free if (host := _host(it.url)) and host not in hosts]
    _match(articles, free, found, key=_title_date_and_slug)
    _match(articles, elsewhere, found, key=_title_and_date)
    _match(articles, elsewhere, found, key=_title_and_name)
    if len(articles) >= FEWEST_ENTRIES and found.count(None) >= (1 - FEW) * len(articles):
        _match_new_site(articles, free, found)


def _match(
    articles: Sequence[IncomingArticle],
    free: Sequence[StoredArticle],
    found: list[StoredArticle | None],
    *,
    key: Key,
) -> None:
    taken = {match.article_id for match in found if match}
    candidates: dict[Mark, list[StoredArticle]] = defaultdict(list)
    for candidate in reversed(free):
        if candidate.article_id not in taken and (mark := key(candidate)):
            candidates[mark].append(candidate)
    for position, article in enumerate(articles):
        if found[position] is None and (mark := key(article)) and candidates.get(mark):
            found[position] = candidates[mark].pop()


def _match_new_site(
    articles: Sequence[IncomingArticle], free: Sequence[StoredArticle], found: list[StoredArticle | None]
) -> None:
    """Match by titles alone. A title that the document or the database has twice says nothing."""
    taken = {match.article_id for match in found if match}
    remaining = [it for it in free if it.article_id not in taken]
    once = {title for title, number in Counter(it.title_key for it in remaining).items() if number == 1}
    here = Counter(article.title_key for article in articles)
    pending = [article for article, match in zip(articles, found, strict=True) if match is None]
    known = {it.title_key for it in pending if it.title_key in once and here[it.title_key] == 1}
    if len(known) >= MOST * len(pending):
        _match(articles, remaining, found, key=lambda it: it.title_key if it.title_key in known else "")


def _title_date_and_slug(it: Any) -> Mark:
    slug = _slug(it.url)
    return (it.title_key, it.published_at, slug) if it.title_key and it.published_at and slug else ""


def _title_and_date(it: Any) -> Mark:
    return (it.title_key, it.published_at) if it.title_key and it.published_at else ""


def _title_and_name(it: Any) -> Mark:
    slug = _slug(it.url)
    is_name = sum(map(str.isalpha, slug)) >= LETTERS_OF_A_NAME
    return (it.title_key, slug) if it.title_key and is_name else ""


def _host(address: str) -> str:
    place = _PLACE.match(address)
    return place[1].lower() if place else ""


def _slug(address: str) -> str:
    """Return the last part of an address with its query, as in `/news/2026/a-new-lifeboat/`."""
    place = _PLACE.match(address)
    if not place:
        return ""
    last = place[2].rstrip("/").rpartition("/")[2]
    return _FILE_ENDING.sub("", last).lower() + (place[3] or "")
