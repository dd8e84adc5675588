"""The navigation of the desk. A page that does not exist has no entry."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from newsletter.accounts.actor import Role, current_actor
from newsletter.issues.models import Publication
from newsletter.web.desk.publication_choice import CHOICE


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation: the name of its URL, its label, its icon, and the pages below it.

    A page says where it is by `{% set here = "articles" %}`, the name of a place's URL without the `desk:`.
    """

    name: str
    label: str
    icon: str
    below: tuple["Place", ...] = ()

    @property
    def path(self) -> str:
        """The path of the page, or an empty string if there is no such page."""
        try:
            return reverse(f"desk:{self.name}")
        except NoReverseMatch:
            return ""

    def leads_to(self, here: str) -> bool:
        """Whether the page named `here` is this place or below it."""
        return here == self.name or any(here == each.name for each in self.below)


PLACES = (
    Place("dashboard", "Home", "home"),
    Place("issues", "Issues", "issue"),
    Place("articles", "Articles", "article", (Place("sources", "Sources", "source"),)),
    Place("reports", "Reports", "report"),
    Place("audit", "Activity", "activity"),
)


@dataclass(frozen=True, slots=True)
class Navigation:
    """The places that exist, the publications to choose from, and the slug of the chosen one (empty for all)."""

    places: tuple[Place, ...] = ()
    publications: tuple[tuple[str, str], ...] = ()
    chosen: str = ""

    @property
    def chosen_name(self) -> str:
        """The name of the chosen publication."""
        return dict(self.publications).get(self.chosen, "All publications")


def navigation(request: HttpRequest) -> Navigation:
    """Return the navigation for the user, which is empty unless they have a role."""
    if not current_actor().may(Role.EDITOR):
        return Navigation()
    return Navigation(
        places=tuple(place for place in PLACES if place.path),
        publications=tuple(Publication.objects.order_by("name").values_list("slug", "name")),
        chosen=request.session.get(CHOICE, ""),
    )
