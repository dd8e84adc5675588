"""Keeps what a reading of a source gave: new articles added, edited ones updated, withdrawn ones marked.

One transaction a reading: after an error nothing of it is there.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from newsletter.articles.article_draft import Draft, cleaned_entries, drafts_of, squeezed
from newsletter.articles.entry import Reading
from newsletter.articles.identity import Known, recognise, shares_its_keys
from newsletter.articles.models import Article, Source
from newsletter.articles.withdrawals import Held, withdrawn_by
from newsletter.articles.write_articles import add_articles, in_batches, mark_withdrawn, update_article
from newsletter.errors import NotFound

KEYS_AT_ONCE = 5_000
STORING = 0x6E6577736C  # the number of our advisory lock: "newsl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the articles of one reading. A returned article counts as changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database knows of an article before a reading is stored."""

    article_id: int
    source_id: int
    owned: bool
    url_key: str
    guid_key: str
    title: str
    words: str
    fingerprint: str
    published_at: datetime | None
    withdrawn_at: datetime | None


def store(source: Source, reading: Reading, *, now: datetime) -> Counts:
    """Store a reading of a source. Articles that another source brought first stay as that one has them.

    Raises NotFound where the source was removed in the meantime.
    """
    drafts = drafts_of(cleaned_entries(reading, language=source.language), source_id=source.pk)
    with transaction.atomic():
        return store_drafts(locked_source(source), reading, drafts, now=now)


def locked_source(source: Source) -> Source:
    """The source as its row is now, locked until the transaction ends. Raises NotFound where it was removed.

    Between the fetch of a source and this moment its row may have been edited, moved, retired or deleted.
    """
    found = Source.objects.select_for_update().filter(pk=source.pk, active=True).first()
    if found is None:
        raise NotFound(f"The source {source.name} was removed while it was fetched.")
    return found


def store_drafts(source: Source, reading: Reading, drafts: Sequence[Draft], *, now: datetime) -> Counts:
    """Store what `drafts_of` made of a reading, in the caller's transaction, which has locked the source."""
    _one_at_a_time()
    stored = {row.article_id: row for row in _stored(source, drafts)}
    matches = recognise([draft.piece for draft in drafts], map(_known, stored.values()))
    found = [stored[match.article_id] if match else None for match in matches]
    new = [draft for draft, row in zip(drafts, found, strict=True) if row is None]
    same = [(draft, row) for draft, row in zip(drafts, found, strict=True) if row is not None and row.owned]
    add_articles(source, new, shared=_sharing(drafts), now=now)
    changed = _update(source, [(draft, row) for draft, row in same if _differs(draft, row, source)], now=now)
    returned = {row.article_id for _draft, row in same if row.withdrawn_at}
    mark_withdrawn(returned, None)
    gone = _withdrawn(
        source, reading, drafts, stored.values(), present={row.article_id for row in found if row}
    )
    mark_withdrawn(gone, now)
    changed_count = len(changed | returned)
    return Counts(
        added=len(new),
        changed=changed_count,
        unchanged=len(drafts) - len(new) - changed_count,
        withdrawn=len(gone),
    )


def _stored(source: Source, drafts: Sequence[Draft]) -> Iterable[Stored]:
    """All articles of the source, and those of others that a draft may be."""
    yield from _rows(source, Q(source=source))
    others = ~Q(source=source)
    for batch in in_batches([draft.piece for draft in drafts], KEYS_AT_ONCE):
        places = [piece.place for piece in batch if piece.place]
        words = [piece.words for piece in batch]
        yield from _rows(source, others & Q(url_key__in=places))
        yield from _rows(source, others & Q(content_hash__in=words))


def _rows(source: Source, condition: Q) -> Iterable[Stored]:
    rows = Article.objects.filter(condition).order_by("id")
    for (
        pk,
        source_id,
        active,
        url_key,
        guid_key,
        title,
        words,
        fingerprint,
        published,
        withdrawn,
    ) in rows.values_list(
        "pk",
        "source_id",
        "source__active",
        "url_key",
        "guid_key",
        "title",
        "content_hash",
        "fingerprint",
        "published_at",
        "withdrawn_at",
    ):
        # The articles of a removed source go to the next one that has them.
        owned = source_id == source.pk or not active
        yield Stored(
            pk, source_id, owned, url_key, guid_key, squeezed(title), words, fingerprint, published, withdrawn
        )


def _known(row: Stored) -> Known:
    return Known(
        article_id=row.article_id,
        place=row.url_key,
        guid=row.guid_key,
        title=row.title,
        words=row.words,
        published_at=row.published_at,
    )


def _one_at_a_time() -> None:
    """Wait until no other process stores a reading, so that each sees what the others have added.

    On SQLite the transaction has locked out all other writers since it began (see settings.py).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STORING])


def _differs(draft: Draft, row: Stored, source: Source) -> bool:
    return draft.fingerprint != row.fingerprint or row.source_id != source.pk


def _update(source: Source, pairs: Sequence[tuple[Draft, Stored]], *, now: datetime) -> set[int]:
    """Bring articles up to date, and give the ids of those in which a reader sees a difference."""
    changed: set[int] = set()
    for batch in in_batches(pairs, KEYS_AT_ONCE):
        numbers = [row.article_id for _draft, row in batch]
        articles = Article.objects.prefetch_related("references", "corrections").in_bulk(numbers)
        for draft, row in batch:
            if update_article(articles[row.article_id], draft, source=source, now=now):
                changed.add(row.article_id)
    return changed


def _sharing(drafts: Sequence[Draft]) -> set[int]:
    shared = shares_its_keys([draft.piece for draft in drafts])
    return {id(draft) for draft, shares in zip(drafts, shared, strict=True) if shares}


def _withdrawn(
    source: Source,
    reading: Reading,
    drafts: Sequence[Draft],
    stored: Iterable[Stored],
    *,
    present: Collection[int],
) -> set[int]:
    held = [
        Held(article_id=row.article_id, place=row.url_key, guid=row.guid_key, published_at=row.published_at)
        for row in stored
        if row.source_id == source.pk and row.withdrawn_at is None
    ]
    dates = [draft.piece.published_at for draft in drafts]
    return withdrawn_by(reading, held, present=present, dates=dates, source_id=source.pk)
