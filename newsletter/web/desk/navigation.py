"""The navigation of the desk. A page that does not exist has no entry."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from newsletter.accounts.actor import ALL, ANY, Actor, Role, Where, current_actor
from newsletter.issues.archived_publications import open_publications
from newsletter.web.desk.publication_choice import CHOICE


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation: the name of its URL, its label, its icon, its key, and the pages below it.

    It is shown to people with `role` for all publications, or where `where` says. A place that `is_group` has no page
    of its own: it leads to the first one below.
    A page says where it is by `{% set here = "articles" %}`, the name of a place's URL without the `desk:`.
    """

    name: str
    label: str
    icon: str
    key: str
    below: tuple["Place", ...] = ()
    role: Role | None = None
    where: Where = ALL
    is_group: bool = False

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


MOST_ON_PHONE = 5
# What people want while they are on the telephone or away from their desk.
FIRST_ON_PHONE = ("dashboard", "issues", "articles", "subscribers")
PLACES = (
    Place("dashboard", "Home", "home", "h"),
    Place("issues", "Issues", "issue", "i"),
    Place(
        "articles",
        "Articles",
        "article",
        "a",
        (
            Place("sources", "Sources", "source", "s"),
            Place("corrections", "Corrections", "article", "c"),
        ),
    ),
    Place(
        "reports",
        "Reports",
        "report",
        "r",
        (Place("questions", "Questions", "report", "q", role=Role.BOARD, where=ANY),),
    ),
    Place("subscribers", "Subscribers", "people", "u", role=Role.EDITOR),
    Place("audit", "Activity", "activity", "v"),
    Place(
        "settings",
        "Settings",
        "settings",
        "t",
        (
            Place("publications", "Newsletters", "settings", "n", role=Role.ADMINISTRATOR, where=ANY),
            Place("people", "People", "person", "p", role=Role.ADMINISTRATOR),
            Place("sending", "Sending", "issue", "e", role=Role.ADMINISTRATOR),
            Place("notifications", "Notifications", "activity", "o", role=Role.ADMINISTRATOR, where=ANY),
            Place("system", "System", "settings", "y", role=Role.ADMINISTRATOR),
        ),
        role=Role.ADMINISTRATOR,
        where=ANY,
        is_group=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Navigation:
    """The places that exist, the publications to choose from, and the slug of the chosen one (empty for all)."""

    places: tuple[Place, ...] = ()
    publications: tuple[tuple[str, str], ...] = ()
    chosen: str = ""

    def on_phone(self) -> tuple[list[Place], list[Place]]:
        """Return the places in the bar of a phone, which has room for five, and those behind its “More”."""
        if len(self.places) <= MOST_ON_PHONE:
            return list(self.places), []
        shown = [each for each in self.places if each.name in FIRST_ON_PHONE][: MOST_ON_PHONE - 1]
        return shown, [each for each in self.places if each not in shown]

    @property
    def keys(self) -> str:
        """The paths of the places by their keys, as JSON for shell.js."""
        places = [each for place in self.places for each in (place, *place.below)]
        return json.dumps({each.key: each.path for each in places if each.path})

    @property
    def chosen_name(self) -> str:
        """The name of the chosen publication."""
        return dict(self.publications).get(self.chosen, "All newsletters")


def _shown_to(actor: Actor, places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(
        place for place in places if place.path and (place.role is None or actor.may(place.role, place.where))
    )


def navigation(request: HttpRequest) -> Navigation:
    """Return the navigation for the user, which is empty unless they have a role."""
    actor = current_actor()
    if not actor.has_a_role:
        return Navigation()
    return Navigation(
        places=tuple(
            replace(place, below=_shown_to(actor, place.below)) for place in _shown_to(actor, PLACES)
        ),
        publications=tuple(open_publications().order_by("name").values_list("slug", "name")),
        chosen=request.session.get(CHOICE, ""),
    )
