"""Writes articles and what belongs to them: many at once where they are new, one by one where they change."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from newsletter.articles.article_keys import squeezed
from newsletter.articles.change_article import restore_texts_of_another_picture
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.load_known_articles import KEYS_AT_ONCE, StoredArticle
from newsletter.articles.models import Article, Correction, Reference, Source
from newsletter.articles.write_article_terms import write_site_terms
from newsletter.articles.write_corrections import (
    corrections_at_source,
    in_order,
    new_corrections,
    rewrite_corrections,
)
from newsletter.articles.write_references import new_references, references_at_source, rewrite_references
from subscribers.database import portions

ROWS_AT_ONCE = 500

# What a reader of the article sees; the rest of an article's fields is bookkeeping.
_VISIBLE_FIELDS = (
    "title",
    "standfirst",
    "body_html",
    "authors",
    "topics",
    "language",
    "image_url",
    "image_alt",
    "image_width",
    "image_height",
    "duration_seconds",
)


def add_articles(
    source: Source,
    new: Sequence[IncomingArticle],
    identities: Sequence[str],
    *,
    now: datetime,
    waiting_since: datetime | None = None,
) -> None:
    """Add new articles, each with its identity, and what belongs to them."""
    rows = [
        Article(
            source=source,
            identity=identity,
            found_at=now,
            waiting_since=waiting_since,
            **fields_of(article),
        )
        for article, identity in zip(new, identities, strict=True)
    ]
    Article.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    _add_what_belongs(zip(rows, new, strict=True), now)
    write_site_terms(zip(rows, new, strict=True), are_new=True)


def update_articles(
    source: Source, pairs: Sequence[tuple[IncomingArticle, StoredArticle]], *, now: datetime
) -> set[int]:
    """Bring articles up to date, and give the ids of those in which a reader sees a difference."""
    changed: set[int] = set()
    for batch in portions(pairs, KEYS_AT_ONCE):
        ids = [match.article_id for _article, match in batch]
        rows = Article.objects.prefetch_related("references", "corrections").in_bulk(ids)
        changed |= {
            match.article_id
            for article, match in batch
            if _update(rows[match.article_id], article, source=source, now=now)
        }
        write_site_terms((rows[match.article_id], article) for article, match in batch)
    return changed


def mark_withdrawn(ids: Collection[int], moment: datetime | None) -> None:
    """Say of articles when they were withdrawn, or with None that they are back."""
    for batch in portions(sorted(ids), KEYS_AT_ONCE):
        Article.objects.filter(pk__in=batch).update(withdrawn_at=moment)


def fields_of(article: IncomingArticle) -> dict[str, Any]:
    """Return the fields that a reading gives to an article, besides its date if it had one before."""
    image = article.image
    return {
        "url": article.url,
        "guid": article.guid,
        "url_key": article.url_key,
        "guid_key": article.guid_key,
        "content_hash": article.content_hash,
        "fingerprint": article.fingerprint,
        "title": article.title,
        "standfirst": article.standfirst,
        "body_html": article.body_html,
        "authors": list(article.authors),
        "topics": list(article.topics),
        "language": article.language,
        "image_url": image.url if image else "",
        "image_alt": image.alt if image else "",
        "image_width": image.width if image else None,
        "image_height": image.height if image else None,
        "duration_seconds": article.duration_seconds,
        "published_at": article.published_at,
    }


def _update(row: Article, article: IncomingArticle, *, source: Source, now: datetime) -> bool:
    """Bring an article up to date; True where a reader sees a difference.

    It counts as edited where its words are others, not where only white space or markup is.
    """
    edited = article.content_hash != row.content_hash
    rests_elsewhere = references_at_source(row.references.all()) != article.references
    corrected = corrections_at_source(row) != in_order(article.corrections)
    restore_texts_of_another_picture(row, article.image.url if article.image else "")
    on_site = row.as_on_site or {}
    fields: dict[str, Any] = fields_of(article) | {"source": source}
    # A date that the source no longer gives is still the date.
    fields["published_at"] = article.published_at or row.published_at
    changed = (
        edited
        or rests_elsewhere
        or corrected
        or fields["published_at"] != row.published_at
        or any(
            _seen(name, fields[name]) != _seen(name, on_site.get(name, getattr(row, name)))
            for name in _VISIBLE_FIELDS
        )
    )
    if edited:
        fields["edited_at"] = now
    # The words of an editor stay. What the site says now is what they can be put back to.
    fields["as_on_site"] = {name: fields.pop(name) for name in on_site} or None
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
    if rests_elsewhere:
        rewrite_references(row, article.references)
    if corrected:
        rewrite_corrections(row, article.corrections, now)
    return changed


def _seen(name: str, value: Any) -> Any:
    return squeezed(value) if name == "body_html" else value


def _add_what_belongs(pairs: Iterable[tuple[Article, IncomingArticle]], now: datetime) -> None:
    references: list[Reference] = []
    corrections: list[Correction] = []
    for row, article in pairs:
        references += new_references(row, article.references)
        corrections += new_corrections(row, article.corrections, now)
    Reference.objects.bulk_create(references, batch_size=ROWS_AT_ONCE)
    Correction.objects.bulk_create(corrections, batch_size=ROWS_AT_ONCE)
