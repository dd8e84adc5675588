"""Writes articles and what belongs to them: many at once where they are new, one by one where they change."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from newsletter.articles.article_draft import VISIBLE_FIELDS, Draft, squeezed
from newsletter.articles.entry import Amendment, Citation
from newsletter.articles.identity import new_identity
from newsletter.articles.models import Article, Correction, Reference, Source

ROWS_AT_ONCE = 500
KEYS_AT_ONCE = 5_000

Thing = TypeVar("Thing")


def in_batches(things: Sequence[Thing], size: int) -> Iterator[Sequence[Thing]]:
    """The things in their order, at most `size` at once: databases limit the values of one statement."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def add_articles(source: Source, drafts: Sequence[Draft], *, shared: Collection[int], now: datetime) -> None:
    """Add new articles. `shared` has the `id()` of drafts whose address or GUID others of the document have too."""
    taken: set[str] = set()
    wanted = [new_identity(draft.piece, shared=id(draft) in shared, taken=taken) for draft in drafts]
    for batch in in_batches(wanted, KEYS_AT_ONCE):
        taken.update(Article.objects.filter(identity__in=batch).values_list("identity", flat=True))
    articles = []
    for draft in drafts:
        identity = new_identity(draft.piece, shared=id(draft) in shared, taken=taken)
        taken.add(identity)
        articles.append(
            Article(source=source, identity=identity, found_at=now, **draft.fields, **_keys(draft))
        )
    Article.objects.bulk_create(articles, batch_size=ROWS_AT_ONCE)
    _add_what_belongs(zip(articles, drafts, strict=True))


def _keys(draft: Draft) -> dict[str, str]:
    return {
        "url_key": draft.piece.place,
        "guid_key": draft.piece.guid,
        "content_hash": draft.piece.words,
        "fingerprint": draft.fingerprint,
    }


def _add_what_belongs(pairs: Iterable[tuple[Article, Draft]]) -> None:
    references: list[Reference] = []
    corrections: list[Correction] = []
    for article, draft in pairs:
        references += [
            Reference(
                article=article,
                kind=given.kind,
                position=position,
                citation=given.citation,
                url=given.url,
                doi=given.doi,
            )
            for position, given in enumerate(draft.references)
        ]
        corrections += [
            Correction(article=article, corrected_on=given.corrected_on, text=given.text)
            for given in draft.corrections
        ]
    Reference.objects.bulk_create(references, batch_size=ROWS_AT_ONCE)
    Correction.objects.bulk_create(corrections, batch_size=ROWS_AT_ONCE)


def update_article(article: Article, draft: Draft, *, source: Source, now: datetime) -> bool:
    """Bring an article up to date; True where a reader sees a difference.

    It counts as edited where its words are others, not where only white space or markup is.
    """
    edited = draft.piece.words != article.content_hash
    rests_elsewhere = _what_belongs(article) != (draft.references, draft.corrections)
    fields: dict[str, Any] = draft.fields | _keys(draft) | {"source": source}
    # A date that the source no longer gives is still the date.
    fields["published_at"] = draft.fields["published_at"] or article.published_at
    changed = (
        edited
        or rests_elsewhere
        or fields["published_at"] != article.published_at
        or any(_seen(name, fields[name]) != _seen(name, getattr(article, name)) for name in VISIBLE_FIELDS)
    )
    if edited:
        fields["edited_at"] = now
    for name, value in fields.items():
        setattr(article, name, value)
    article.save(update_fields=list(fields))
    if rests_elsewhere:
        Reference.objects.filter(article=article).delete()
        Correction.objects.filter(article=article).delete()
        _add_what_belongs([(article, draft)])
    return changed


def _seen(name: str, value: Any) -> Any:
    return squeezed(value) if name == "body_html" else value


def _what_belongs(article: Article) -> tuple[object, object]:
    references = tuple(
        Citation(kind=it.kind, citation=it.citation, url=it.url, doi=it.doi)
        for it in article.references.all()
    )
    corrections = tuple(
        Amendment(corrected_on=it.corrected_on, text=it.text) for it in article.corrections.all()
    )
    return references, corrections


def mark_withdrawn(numbers: Collection[int], moment: datetime | None) -> None:
    """Say of articles when they were withdrawn, or with None that they are back."""
    for batch in in_batches(sorted(numbers), KEYS_AT_ONCE):
        Article.objects.filter(pk__in=batch).update(withdrawn_at=moment)
