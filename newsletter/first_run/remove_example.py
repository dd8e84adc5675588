"""Removes the example without a trace: its rows, all rows that refer to them, and what names them in other ways.

Tables added later are found by their foreign keys, so they need no line here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models, transaction

from newsletter.accounts.actor import Role, require_role, why_not_role
from newsletter.articles.models import Source
from newsletter.articles.pictures.models import OriginalPicture, PictureFile, PictureVersion
from newsletter.errors import NotFound, Refused
from newsletter.first_run.load_example import PICTURES, sample_people
from newsletter.first_run.models import EXAMPLE_SOURCES, Example
from newsletter.issues.models import AuditEntry, Item, Publication
from newsletter.sending.models import Mailing
from subscribers import consent_guard, suppression
from subscribers.email_addresses import fold
from subscribers.models import Subscriber, Subscription, Suppression

Rows = dict[type[models.Model], set[Any]]
AT_ONCE = 500


def loaded_example() -> Example | None:
    """Return the example if it is loaded, with its publication."""
    return Example.objects.select_related("publication").first()


def why_not_remove_example() -> str:
    """Return why the example cannot be removed, or an empty string if it can."""
    if missing := why_not_role(Role.ADMINISTRATOR, "Removing the example"):
        return missing
    example = loaded_example()
    if example is None:
        return "The example is not loaded."
    if Mailing.objects.filter(issue__publication=example.publication, state=Mailing.State.SENDING).exists():
        return (
            "We are sending an issue from the example. Wait until it has been sent, then remove the example."
        )
    others = Item.objects.exclude(issue__publication=example.publication)
    other = (
        others.filter(article__source__name__in=EXAMPLE_SOURCES).select_related("issue__publication").first()
    )
    if other is not None:
        return (
            f"{other.issue} contains articles from the example. Cancel that issue or remove those articles, "
            "then try again."
        )
    return ""


def remove_example() -> None:
    """Remove the example, all in one transaction. Raises Refused as `why_not_remove_example` says."""
    require_role(Role.ADMINISTRATOR, "Removing the example")
    with transaction.atomic():
        example = Example.objects.select_for_update().first()
        if example is None:
            raise NotFound("The example is not loaded.")
        if why_not := why_not_remove_example():
            raise Refused(why_not)
        roots = _roots(example.publication)
        rows = _with_what_refers_to_them(roots)
        files = set(
            PictureFile.objects.filter(versions__in=rows[PictureVersion]).values_list("pk", flat=True)
        )
        with consent_guard.lifted():
            _delete(rows)
            _delete_what_names_them(roots)
            PictureFile.objects.filter(pk__in=files, versions=None).delete()


def _roots(publication: Publication) -> Rows:
    sources = Source.objects.filter(name__in=EXAMPLE_SOURCES)
    return {
        Publication: {publication.pk},
        type(publication.mailing_list): {publication.mailing_list_id},
        Source: set(sources.values_list("pk", flat=True)),
        Subscriber: set(_people(publication).values_list("pk", flat=True)),
        OriginalPicture: set(
            OriginalPicture.objects.filter(url__startswith=PICTURES).values_list("pk", flat=True)
        ),
    }


def _people(publication: Publication) -> models.QuerySet[Subscriber]:
    """Return those who are on the example's list and on no other."""
    here = Subscription.objects.filter(list=publication.mailing_list_id)
    elsewhere = Subscription.objects.exclude(list=publication.mailing_list_id)
    found = Subscriber.objects.filter(pk__in=here.values("subscriber"))
    return found.exclude(pk__in=elsewhere.values("subscriber"))


def _with_what_refers_to_them(roots: Rows) -> Rows:
    found: Rows = defaultdict(set)
    fresh: list[tuple[type[models.Model], set[Any]]] = list(roots.items())
    while fresh:
        model, keys = fresh.pop()
        new = keys - found[model]
        if not new:
            continue
        found[model] |= new
        fresh += list(_referring(model, new))
    return found


def _referring(
    model: type[models.Model], keys: Iterable[Any]
) -> Iterator[tuple[type[models.Model], set[Any]]]:
    for relation in model._meta.get_fields(include_hidden=True):  # noqa: SLF001 - Django documents it
        if not (
            relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        ):
            continue
        related: Any = relation
        for some in _portions(keys):
            rows = related.related_model._base_manager.filter(**{f"{related.field.name}__in": some})  # noqa: SLF001
            yield related.related_model, set(rows.values_list("pk", flat=True))


def _delete(rows: Rows) -> None:
    """Delete rows in any order: foreign keys are checked when the transaction ends."""
    for model, keys in rows.items():
        for some in _portions(keys):
            found = model._base_manager.filter(pk__in=some)  # noqa: SLF001
            found._raw_delete(found.db)  # noqa: SLF001 - neither signals nor rules of single rows


def _delete_what_names_them(roots: Rows) -> None:
    """Delete audit entries about things without a foreign key, and suppressions of sample people."""
    things = [f"source {key}" for key in roots[Source]]
    entries = AuditEntry.objects.filter(thing__in=things)
    entries._raw_delete(entries.db)  # noqa: SLF001 - single entries refuse it
    digests = suppression.digests_of([fold(person["address"]) for person in sample_people()])
    Suppression.objects.filter(digest__in=digests).delete()


def _portions(keys: Iterable[Any]) -> Iterator[list[Any]]:
    ordered = list(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
