"""The roles as forms offer them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from newsletter.accounts.actor import Role
from newsletter.accounts.role_assignments import PublicationRole
from newsletter.issues.find_publication_or_issue import find_publication
from newsletter.issues.models import Publication

MOST_PUBLICATIONS = 200
# The field that names the publications whose roles a form shows.
SHOWN = "newsletters"

WHAT_ROLES_DO = {
    Role.AUTHOR: "writes articles and edits the text of drafts",
    Role.EDITOR: "also composes and schedules issues",
    Role.APPROVER: "approves issues",
    Role.SENDER: "sends approved issues",
    Role.BOARD: "answers readers’ questions about facts, and complaints about data protection",
    Role.ADMINISTRATOR: "does all of this, and manages people, sources and settings. Also choose Board to be "
    "notified of readers’ questions",
}


def role_choices() -> list[tuple[str, str]]:
    """Return each role with a label that says what it lets a person do."""
    return [(role.value, f"{role.value.capitalize()} – {what}") for role, what in WHAT_ROLES_DO.items()]


def chosen_roles(request: HttpRequest) -> list[Role]:
    """Return the roles that were chosen in a form. What is not a role is left out."""
    return [role for role in Role if role.value in request.POST.getlist("roles")]


def publications_to_choose() -> list[tuple[str, str]]:
    """Return the choices of where roles count: everywhere, or in one publication. Empty if there is at most one."""
    found = list(Publication.objects.order_by("name").values_list("slug", "name")[:MOST_PUBLICATIONS])
    return [("", "All newsletters"), *found] if len(found) > 1 else []


def chosen_publication_roles(request: HttpRequest, roles: list[Role]) -> list[PublicationRole]:
    """Return the chosen roles for the publication that was chosen in a form. Empty if they count everywhere."""
    slug = request.POST.get("publication", "")
    return [(find_publication(slug).pk, role) for role in roles] if slug else []


@dataclass(frozen=True, slots=True)
class RolesThere:
    """The roles that a form shows as chosen for one publication. `field` is the name of its check boxes."""

    slug: str
    name: str
    roles: list[str]

    @property
    def field(self) -> str:
        """The name of the check boxes."""
        return _field(self.slug)


def roles_by_publication(given: Iterable[PublicationRole], request: HttpRequest | None) -> list[RolesThere]:
    """Return the roles for each single publication: those that were chosen in a form, or else those that are given.

    Empty if there is only one publication and nobody has a role for it alone.
    """
    single = set(given)
    found = list(Publication.objects.order_by("name").values_list("pk", "slug", "name")[:MOST_PUBLICATIONS])
    if len(found) < 2 and not single:  # noqa: PLR2004 - a role for the only one is a role for all
        return []
    return [
        RolesThere(
            slug,
            name,
            request.POST.getlist(_field(slug))
            if request and slug in request.POST.getlist(SHOWN)
            else [role.value for key, role in single if key == number],
        )
        for number, slug, name in found
    ]


def chosen_single_roles(
    request: HttpRequest, given: Iterable[PublicationRole]
) -> list[PublicationRole] | None:
    """Return the roles for single publications that a form chose. Those for publications that it did not show stay.

    None if it showed none at all.
    """
    shown = dict(Publication.objects.filter(slug__in=request.POST.getlist(SHOWN)).values_list("pk", "slug"))
    if not shown:
        return None
    kept = [(key, role) for key, role in given if key not in shown]
    return kept + [
        (key, role)
        for key, slug in shown.items()
        for role in Role
        if role.value in request.POST.getlist(_field(slug))
    ]


def _field(slug: str) -> str:
    return f"roles-{slug}"


def publication_roles_in_words(single: Iterable[PublicationRole], names: Mapping[int, str]) -> list[str]:
    """Return roles for single publications as a page shows them, such as “Editor of The Weekly”."""
    return [f"{role.capitalize()} of {names[key]}" for key, role in sorted(single) if key in names]


def names_of_publications() -> dict[int, str]:
    """Return the names of all publications by their primary keys."""
    return dict(Publication.objects.values_list("pk", "name"))
