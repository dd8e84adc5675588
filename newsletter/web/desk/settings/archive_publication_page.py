"""The buttons that archive a newsletter and restore it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.scheduling.archive_publication import archive_publication, restore_publication
from newsletter.web.desk.desk_page import Undo, desk, done
from newsletter.web.desk.settings.publication_pages import administered_publication


@desk("POST", page="publication-settings")
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    """Archive a newsletter."""
    publication = administered_publication(slug)
    archive_publication(publication)
    undo = Undo(reverse("desk:restore-publication", args=[slug]))
    sentence = f"{publication.name} was archived. Its issues and web pages were kept."
    return done(request, sentence, reverse("desk:publications"), undo=undo)


@desk("POST", page="publication-settings")
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Restore an archived newsletter."""
    publication = administered_publication(slug)
    restore_publication(publication)
    return done(
        request,
        f"{publication.name} was restored.",
        f"{reverse('desk:publication-settings', args=[slug])}#archive",
    )
