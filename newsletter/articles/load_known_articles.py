"""What the database knows of articles before a reading is stored."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from newsletter.articles.article_keys import squeezed
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.models import Article, Source
from subscribers.database import portions

KEYS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article as identity sees it. `owned` means that the source being read may change it."""

    article_id: int
    source_id: int
    owned: bool
    url_key: str
    guid_key: str
    title_key: str
    content_hash: str
    fingerprint: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    url: str = ""
    is_waiting: bool = False


def find_stored_articles(source: Source, articles: Sequence[IncomingArticle]) -> list[StoredArticle]:
    """All articles of the source, and those of others that one of these may be, each once."""
    found = {it.article_id: it for it in _rows(source, Q(source=source))}
    others = ~Q(source=source)
    for batch in portions(articles, KEYS_AT_ONCE):
        url_keys = [article.url_key for article in batch if article.url_key]
        hashes = [article.content_hash for article in batch]
        for condition in (Q(url_key__in=url_keys), Q(content_hash__in=hashes)):
            found |= {it.article_id: it for it in _rows(source, others & condition)}
    return list(found.values())


def identities_taken(identities: Collection[str]) -> set[str]:
    """Those of these identities that an article has."""
    taken: set[str] = set()
    for batch in portions(sorted(identities), KEYS_AT_ONCE):
        taken.update(Article.objects.filter(identity__in=batch).values_list("identity", flat=True))
    return taken


def keys_stored_among(source: Source, keys: set[str]) -> set[str]:
    """Return those of the keys that a stored article has: a GUID counts within its source alone."""
    found: set[str] = set()
    for batch in portions(sorted(keys), KEYS_AT_ONCE):
        found.update(Article.objects.filter(url_key__in=batch).values_list("url_key", flat=True))
        if source.pk:
            its_own = Article.objects.filter(source=source, guid_key__in=batch)
            found.update(its_own.values_list("guid_key", flat=True))
    return found


def _rows(source: Source, condition: Q) -> Iterator[StoredArticle]:
    rows = Article.objects.filter(condition).order_by("id")
    fields = (
        "pk",
        "source_id",
        "source__active",
        "source__kind",
        "url_key",
        "guid_key",
        "title",
        "content_hash",
    )
    for pk, source_id, active, kind, url_key, guid_key, title, words, *rest in rows.values_list(
        *fields, "fingerprint", "published_at", "withdrawn_at", "url", "waiting_since", "as_on_site"
    ):
        fingerprint, published_at, withdrawn_at, url, waiting_since, as_on_site = rest
        yield StoredArticle(
            article_id=pk,
            source_id=source_id,
            # The articles of a removed source go to the next one that has them, and so do those added by link.
            owned=source_id == source.pk or not active or kind == Source.Kind.LINKS,
            url_key=url_key,
            guid_key=guid_key,
            title_key=squeezed((as_on_site or {}).get("title", title)),
            content_hash=words,
            fingerprint=fingerprint,
            published_at=published_at,
            withdrawn_at=withdrawn_at,
            url=url,
            is_waiting=waiting_since is not None,
        )
