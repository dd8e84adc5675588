"""Add, change, remove and restore the references of an article, for all issues.

A removed reference is kept, so that it can be restored, and so that its source does not bring it back.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.article_keys import key_of
from newsletter.articles.models import Article, Reference
from newsletter.articles.references.reference_form import ReferenceFields, checked_values
from newsletter.articles.write_references import source_values
from newsletter.errors import NotFound, Refused
from newsletter.issues.change_articles_for_all_issues import (
    CHANGING,
    open_issues_to_change,
    record_article_change,
)
from subscribers.database import locked

if TYPE_CHECKING:
    from newsletter.accounts.audit_log import Changes

MAX_REFERENCES = 50


def shown_references(article: Article) -> list[Reference]:
    """Return the references of an article that readers see, in order."""
    return [each for each in article.references.all() if each.removed_at is None]


def removed_references(article: Article) -> list[Reference]:
    """Return the references of an article that an editor removed."""
    return [each for each in article.references.all() if each.removed_at is not None]


def find_reference(article: int, reference: int) -> Reference:
    """Return a reference of an article. Raises NotFound."""
    found = Reference.objects.select_related("article").filter(article=article, pk=reference).first()
    if found is None:
        raise NotFound("We could not find this reference. It may have changed at the article’s source.")
    return found


def reference_version(reference: Reference) -> str:
    """Return a digest of a reference, by which two versions are told apart."""
    values = (reference.kind, reference.citation, reference.url, reference.doi, reference.csl)
    return key_of(*values, reference.removed_at)


def add_reference(article: int, fields: ReferenceFields) -> Reference:
    """Add a reference to an article. Raises InvalidFields, and Refused if the article already has it."""
    require_role(Role.AUTHOR, CHANGING, publication=ANY)
    values = checked_values(fields)

    def add(row: Article) -> Reference:
        shown = shown_references(row)
        if len(shown) >= MAX_REFERENCES:
            raise Refused(f"An article can have up to {MAX_REFERENCES} references. Remove one first.")
        _refuse_a_second(row, values)
        position = max((each.position for each in row.references.all()), default=-1) + 1
        return Reference.objects.create(article=row, position=position, added_here=True, **values)

    return _change(article, "Added a reference to", add)


def change_reference(
    article: int, reference: int, fields: ReferenceFields, *, seen: str | None = None
) -> Reference:
    """Change a reference of an article. `seen` is the `reference_version` that a form started from.

    Raises InvalidFields, NotFound, and Refused if somebody else has changed it since then.
    """
    require_role(Role.AUTHOR, CHANGING, publication=ANY)
    values = checked_values(fields)

    def change(row: Article) -> Reference:
        found = find_reference(row.pk, reference)
        if seen is not None and seen != reference_version(found):
            raise Refused(
                "Somebody else has changed this reference since you opened it, so we did not save your version."
            )
        _refuse_a_second(row, values, besides=found)
        _keep_what_the_source_says(found)
        for name, value in values.items():
            setattr(found, name, value)
        found.save()
        return found

    return _change(article, "Changed a reference in", change)


def remove_reference(article: int, reference: int) -> Reference:
    """Remove a reference from an article. Raises NotFound."""

    def remove(row: Article) -> Reference:
        found = find_reference(row.pk, reference)
        if found.removed_at is None:
            _keep_what_the_source_says(found)
            found.removed_at = timezone.now()
            found.save()
        return found

    return _change(article, "Removed a reference from", remove)


def restore_reference(article: int, reference: int) -> Reference:
    """Put back a reference that was removed from an article. Raises NotFound, and Refused if it has it again."""

    def restore(row: Article) -> Reference:
        found = find_reference(row.pk, reference)
        if found.removed_at is not None:
            names = ("doi", "url", "citation", "csl")
            _refuse_a_second(row, {name: getattr(found, name) for name in names})
            found.removed_at = None
            found.save()
        return found

    return _change(article, "Restored a reference in", restore)


def _change(number: int, did: str, act: Callable[[Article], Reference]) -> Reference:
    with transaction.atomic():
        issues = open_issues_to_change(number)
        article = locked(Article.objects.all(), number)
        before = _citations(article)
        reference = act(article)
        after = _citations(article)
        if before != after:
            changes: Changes = {"references": [before, after]}
            record_article_change(
                article, issues, changes, sentence=f"{did} “{article.title[:200]}” for all issues."
            )
    return reference


def _citations(article: Article) -> list[str]:
    rows = Reference.objects.filter(article=article, removed_at=None)
    return [f"{row.get_kind_display()}: {row.citation} {row.link}".strip() for row in rows]


def _keep_what_the_source_says(reference: Reference) -> None:
    if not reference.added_here and reference.as_at_source is None:
        reference.as_at_source = source_values(reference)


def _refuse_a_second(article: Article, values: dict[str, Any], besides: Reference | None = None) -> None:
    for each in shown_references(article):
        theirs = {"doi": each.doi, "url": each.url, "citation": each.citation, "csl": each.csl}
        if each != besides and _are_same(theirs, values):
            raise Refused(f"This article already has this reference: {each.citation[:200]}")


def _are_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two references have the same identifier, or the same text without any."""
    if (one["citation"], one["url"]) == (other["citation"], other["url"]):
        return True
    both = [
        {
            "doi": each["doi"].casefold(),
            "url": each["url"].removesuffix("/"),
            "pmid": (each["csl"] or {}).get("PMID", ""),
            "isbn": _isbn_and_pages(each["csl"] or {}),
        }
        for each in (one, other)
    ]
    return any(both[0][name] and both[0][name] == both[1][name] for name in both[0])


def _isbn_and_pages(csl: Mapping[str, Any]) -> str:
    """Return the ISBN of a book with the pages, because an article can cite several chapters of one book."""
    return f"{csl['ISBN']} {csl.get('page', '')}" if csl.get("ISBN") else ""
