"""Removing a newsletter that has no issues yet, after a question."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.issues.change_publications import remove_publication, why_not_remove_publication
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.settings.publication_pages import administered_publication


@desk("GET", "HEAD", "POST", page="publication-settings")
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask whether to remove a newsletter, and remove it."""
    publication = administered_publication(slug)
    if request.method != "POST":
        why_not = why_not_remove_publication(publication)
        return show(request, "settings/publication_remove", publication=publication, why_not=why_not)
    remove_publication(publication)
    return done(request, f"{publication.name} was removed.", reverse("desk:publications"))
