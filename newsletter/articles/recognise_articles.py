"""Which article is it? An article once, whatever its feed does to addresses, GUIDs and order (promise 9).

The rules, strongest first. Every stored article answers for at most one article of a reading:

1. the same GUID and the same address;
2. the same words at the same address, or under the same GUID, whatever became of the other;
3. the same address (`web_addresses.same_place`), whatever became of the GUID: an edited article. Not where several
   articles share the address, as in lists of links, or where it is a site's front page; nor where title, date and GUID
   all differ, as on a page that shows another article every day;
4. the same GUID, where one side has no address, or where title and date are the same: an article that moved and was
   edited. A GUID that comes back with another address and other words is another article;
5. the same words, where they are many or the date is the same: a site that moved, or the article in a second source;
6. without address and GUID, the same title and date: an edited article;
7. what recognise_moved_articles.py says of a site that has other addresses, GUIDs and words.

Whatever is left is new. Addresses and words are compared over all sources, GUIDs within one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import count, islice
from typing import Any

from newsletter.articles.article_keys import key_of
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.load_known_articles import StoredArticle
from newsletter.articles.recognise_moved_articles import recognise_moved

_USUAL_CANDIDATES = 3


def recognise(
    articles: Sequence[IncomingArticle], stored: Iterable[StoredArticle]
) -> list[StoredArticle | None]:
    """For each article of one document, without repeats, the stored article that it is, or None where it is new."""
    stored = list(stored)
    ambiguous = _shared(articles, _url_key) | _shared(stored, _url_key)
    ambiguous |= {article.url_key for article in articles if article.is_front_page}
    ambiguous |= _shared(articles, _guid_key) | _shared(stored, _guid_key)
    found: list[StoredArticle | None] = [None] * len(articles)
    free = {it.article_id for it in stored}
    for key, agrees in _RULES:
        _apply(key, agrees, articles, stored, found=found, free=free, ambiguous=ambiguous)
    recognise_moved(articles, stored, found)
    return found


def new_identities(
    new: Sequence[IncomingArticle],
    document: Sequence[IncomingArticle],
    *,
    taken_among: Callable[[Collection[str]], set[str]],
) -> list[str]:
    """An identity for each new article of a document. `taken_among` says which of some identities are taken."""
    shared = _shared(document, _url_key) | _shared(document, _guid_key)
    shares = [article.url_key in shared or article.guid_key in shared for article in new]
    taken = taken_among(
        {
            candidate
            for article, is_shared in zip(new, shares, strict=True)
            for candidate in islice(_candidates(article, shared=is_shared), _USUAL_CANDIDATES)
        }
    )
    chosen: list[str] = []
    for article, is_shared in zip(new, shares, strict=True):
        chosen.append(new_identity(article, shared=is_shared, taken=taken))
        taken.add(chosen[-1])
    return chosen


def new_identity(article: IncomingArticle, *, shared: bool, taken: Collection[str]) -> str:
    """The identity of a new article: its address, else its GUID, else its words; all of them where those are taken.

    Two readings of the same article at the same time arrive at the same value, so that the database refuses the
    second. `shared` says that other articles of the document have the same address or GUID.
    """
    return next(it for it in _candidates(article, shared=shared) if it not in taken)


def _candidates(article: IncomingArticle, *, shared: bool) -> Iterator[str]:
    strong = ""
    if not shared:
        strong = (article.url_key if not article.is_front_page else "") or article.guid_key
    if strong:
        yield key_of("one", strong)
    yield key_of("words", article.content_hash, article.published_at if not article.has_many_words else "")
    everything = key_of(
        "all",
        article.url_key,
        article.guid_key,
        article.content_hash,
        article.title_key,
        article.published_at,
    )
    yield everything
    for repetition in count(2):
        yield key_of(everything, repetition)


Key = Callable[[Any], str]
Agreement = Callable[[IncomingArticle, StoredArticle, set[str]], bool]


def _apply(
    key: Key,
    agrees: Agreement,
    articles: Sequence[IncomingArticle],
    stored: Sequence[StoredArticle],
    *,
    found: list[StoredArticle | None],
    free: set[int],
    ambiguous: set[str],
) -> None:
    pending = [position for position, match in enumerate(found) if match is None and key(articles[position])]
    if not pending or not free:
        return
    candidates: dict[str, list[StoredArticle]] = defaultdict(list)
    for candidate in stored:
        if candidate.article_id in free and (mark := key(candidate)):
            candidates[mark].append(candidate)
    for position in pending:
        article = articles[position]
        for candidate in candidates.get(key(article), ()):
            if candidate.article_id in free and agrees(article, candidate, ambiguous):
                found[position] = candidate
                free.discard(candidate.article_id)
                break


def _url_key(it: Any) -> str:
    return str(it.url_key)


def _guid_key(it: Any) -> str:
    return str(it.guid_key)


def _both(one: str, other: str) -> str:
    return f"{one} {other}" if one and other else ""


def _same_entry(article: IncomingArticle, stored: StoredArticle, ambiguous: set[str]) -> bool:
    if article.guid_key in ambiguous and article.url_key in ambiguous:
        return article.title_key == stored.title_key or article.content_hash == stored.content_hash
    return True


def _same_page(article: IncomingArticle, stored: StoredArticle, ambiguous: set[str]) -> bool:
    if article.url_key in ambiguous:
        return False
    another_guid = bool(article.guid_key and stored.guid_key) and article.guid_key != stored.guid_key
    another_date = article.published_at is not None and stored.published_at not in {
        None,
        article.published_at,
    }
    return not (another_guid and another_date and article.title_key != stored.title_key)


def _same_guid(article: IncomingArticle, stored: StoredArticle, ambiguous: set[str]) -> bool:
    if article.guid_key in ambiguous:
        return False
    return not (article.url_key and stored.url_key) or _same_headline(article, stored, ambiguous)


def _same_headline(article: IncomingArticle, stored: StoredArticle, _ambiguous: set[str]) -> bool:
    return (
        article.title_key == stored.title_key
        and article.published_at is not None
        and (article.published_at == stored.published_at)
    )


def _same_words(article: IncomingArticle, stored: StoredArticle, _ambiguous: set[str]) -> bool:
    return article.has_many_words or article.published_at == stored.published_at


def _always(_article: IncomingArticle, _stored: StoredArticle, _ambiguous: set[str]) -> bool:
    return True


_RULES: tuple[tuple[Key, Agreement], ...] = (
    (lambda it: _both(it.guid_key, it.url_key), _same_entry),
    (lambda it: _both(it.url_key, it.content_hash), _always),
    (lambda it: _both(it.guid_key, it.content_hash), _always),
    (_url_key, _same_page),
    (_guid_key, _same_guid),
    (lambda it: it.content_hash, _same_words),
    (lambda it: it.title_key if not it.url_key and not it.guid_key else "", _same_headline),
)


def _shared(articles: Iterable[IncomingArticle] | Iterable[StoredArticle], key: Key) -> set[str]:
    return {mark for mark, count in Counter(map(key, articles)).items() if mark and count > 1}
