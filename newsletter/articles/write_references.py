"""Writes the references that a source names, and keeps what editors have made of them.

Editors add, change and remove references of an article (issues/change_references.py). A fetch writes again only those
that nobody here has touched. A reference that an editor changed or removed is known by its DOI, address or citation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from newsletter.articles.incoming_article import Citation
from newsletter.articles.models import Article, Reference
from subscribers.database import locked


def new_references(article: Article, citations: Iterable[Citation]) -> list[Reference]:
    """Return unsaved references of a new article, in order."""
    return [_new(article, position, given) for position, given in enumerate(citations)]


def references_at_source(references: Iterable[Reference]) -> tuple[Citation, ...]:
    """Return the references of an article as its source named them at the last fetch, without those added here."""
    return tuple(_at_source(each) for each in references if not each.added_here)


def source_values(reference: Reference) -> dict[str, Any]:
    """Return what a source says in a reference, for `as_at_source`, before an editor changes it."""
    return asdict(_at_source(reference))


def rewrite_references(article: Article, citations: Sequence[Citation]) -> None:
    """Write what a source names now. This must be called in a transaction.

    A reference that an editor changed stays if the source no longer names it, because the editor may rely on it. One
    that an editor removed stays removed, even if the source drops it and names it again.
    """
    locked(Article.objects.only("pk"), article.pk)
    kept = {}
    for each in Reference.objects.filter(article=article, as_at_source__isnull=False):
        kept[_key(_at_source(each))] = each
    Reference.objects.filter(article=article, added_here=False, as_at_source__isnull=True).delete()
    new: list[Reference] = []
    for position, given in enumerate(citations):
        known = kept.pop(_key(given), None)
        if known is None:
            new.append(_new(article, position, given))
            continue
        known.position, known.as_at_source, known.added_here = position, asdict(given), False
        known.save(update_fields=["position", "as_at_source", "added_here"])
    Reference.objects.bulk_create(new)
    Reference.objects.filter(pk__in=[each.pk for each in kept.values()]).update(added_here=True)


def _new(article: Article, position: int, given: Citation) -> Reference:
    return Reference(
        article=article,
        kind=given.kind,
        position=position,
        citation=given.citation,
        url=given.url,
        doi=given.doi,
        csl=dict(given.csl) if given.csl else None,
        formatted=given.formatted,
    )


def _at_source(reference: Reference) -> Citation:
    if reference.as_at_source is not None:
        return Citation(**reference.as_at_source)
    return Citation(
        kind=reference.kind,
        citation=reference.citation,
        url=reference.url,
        doi=reference.doi,
        csl=reference.csl,
        formatted=reference.formatted,
    )


def _key(given: Citation) -> str:
    return given.doi.casefold() or given.url or given.citation
