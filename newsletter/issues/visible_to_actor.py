"""What the current actor may see: what belongs to the publications for which they have a role.

Pages and searches ask this, so that another publication's issue looks as if it did not exist.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet

from newsletter.accounts.actor import Role, current_actor
from newsletter.issues.models import Publication

Row = TypeVar("Row", bound=Model)


def visible(rows: QuerySet[Row], publication: str = "publication") -> QuerySet[Row]:
    """Return those of the rows that belong to a publication the actor may see. `publication` is the path to it."""
    keys = current_actor().publications
    return rows if keys is None else rows.filter(**{f"{publication}__in": keys})


def visible_with(rows: "QuerySet[Row]", role: Role, publication: str = "publication") -> "QuerySet[Row]":
    """Return those of the rows that belong to a publication for which the actor has this role."""
    keys = current_actor().publications_with(role)
    return rows if keys is None else rows.filter(**{f"{publication}__in": keys})


def visible_publications() -> QuerySet[Publication]:
    """Return the publications that the actor may see."""
    return visible(Publication.objects.all(), "pk")
