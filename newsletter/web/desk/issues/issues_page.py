"""The list of all issues, with search and filters."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.issues.visible_to_actor import visible_publications
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.issues.issue_list import STATES, Wanted, cursor, list_issues
from newsletter.web.desk.publication_choice import chosen_publication


@desk("GET", "HEAD")
def issues(request: HttpRequest) -> HttpResponse:
    """Show the issues that the address asks for."""
    asked = request.GET
    publications = list(visible_publications().order_by("name"))
    slug = asked.get("publication")
    chosen = chosen_publication(request) if slug is None else None
    publication = chosen or next((each for each in publications if each.slug == slug), None)
    wanted = Wanted(
        state=asked.get("state", "") if asked.get("state", "") in STATES else "",
        words=asked.get("q", "").strip(),
        publication=publication,
        before=cursor(asked.get("before", "")),
        after=cursor(asked.get("after", "")),
    )
    page = list_issues(wanted)
    return show(
        request,
        "issues/issues",
        page=page,
        wanted=wanted,
        publications=publications,
        choices=[("", "All newsletters"), *((each.slug, each.name) for each in publications)],
        tabs=[(key or "all", label, _path(wanted, state=key)) for key, (label, _states) in STATES.items()],
        newer=_path(wanted, after=page.newer) if page.newer else "",
        older=_path(wanted, before=page.older) if page.older else "",
    )


def _path(wanted: Wanted, *, state: str | None = None, before: int = 0, after: int = 0) -> str:
    words = {
        "state": wanted.state if state is None else state,
        "q": wanted.words,
        "publication": wanted.publication.slug if wanted.publication else "",
        "before": before,
        "after": after,
    }
    query = urlencode({name: value for name, value in words.items() if value})
    return f"{reverse('desk:issues')}?{query}" if query else reverse("desk:issues")
