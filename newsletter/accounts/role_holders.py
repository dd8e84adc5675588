"""Who has a role, by name, for the sentences that say who can do what the current actor cannot."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet

from newsletter.errors import NotFound


def names_of_holders(
    roles: Iterable[str], *, publication: int | None, anywhere: bool = False, at_most: int
) -> list[str]:
    """Return the names of active users with one of these roles, in order of their names.

    A role counts if it is for all publications, or for this publication, or, with `anywhere`, for any.
    """
    return list(
        holders(roles, publication=publication, anywhere=anywhere).values_list("username", flat=True)[
            :at_most
        ]
    )


def holders(roles: Iterable[str], *, publication: int | None, anywhere: bool = False) -> QuerySet[Any]:
    """Return the active users with one of these roles, by name. A superuser has the role administrator."""
    wanted = set(roles)
    grants = apps.get_model("newsletter", "RoleGrant").objects.filter(user=OuterRef("pk"), role__in=wanted)
    if not anywhere:
        here = Q(publication=None)
        grants = grants.filter(here if publication is None else here | Q(publication=publication))
    has = Exists(grants)
    who = has | Q(is_superuser=True) if "administrator" in wanted else Q(has)
    return get_user_model().objects.filter(who, is_active=True).order_by("username")


def publication_name(publication: int) -> str:
    """Return the name of a publication for a sentence. Raises NotFound if it was removed."""
    model: Any = apps.get_model("newsletter", "Publication")
    name = model.objects.filter(pk=publication).values_list("name", flat=True).first()
    if name is None:
        raise NotFound("This publication no longer exists.")
    return str(name)


def existing_publications(keys: Iterable[int]) -> set[int]:
    """Return those of these primary keys whose publications exist."""
    wanted = set(keys)
    if not wanted:
        return set()
    model: Any = apps.get_model("newsletter", "Publication")
    return set(model.objects.filter(pk__in=wanted).values_list("pk", flat=True))
