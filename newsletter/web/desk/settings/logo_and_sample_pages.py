"""The logo of a publication, and a sample issue in the look that somebody tries."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape

from newsletter.articles.pictures.picture_versions import Rewritten
from newsletter.errors import Invalid, InvalidFields, NewsletterError
from newsletter.first_run.publication_logo import read_logo, remove_logo, replace_logo
from newsletter.issues.models import AuditEntry, Publication
from newsletter.issues.publication_settings import SettingsChangedError
from newsletter.rendering.sample_of_publication import sample_email_of
from newsletter.web.desk.desk_page import Undo, desk, done
from newsletter.web.desk.issue.email_pane import ALL_PICTURES, framed_email
from newsletter.web.desk.settings.publication_pages import administered_publication, show_part
from newsletter.web.desk.settings.publication_settings_parts import ALL_PARTS

LOOK = ALL_PARTS["look"]
TRIED = ("theme", "accent_colour", "accent_colour_dark", "heading_font", "body_font", "logo_alt")
ASKED = "ask_useful"


@desk("POST", page="publication-look")
def logo(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an uploaded logo in emails, and take the accent colour from it if that is wanted."""
    publication = administered_publication(slug)
    try:
        read = _read(request, publication)
        take_colour = request.POST.get("take_colour") == "on"
        entry = replace_logo(publication, read, take_colour=take_colour, seen=request.POST.get("seen"))
    except (InvalidFields, SettingsChangedError) as error:
        found = administered_publication(slug)
        return show_part(request, found, LOOK, LOOK.stored(found), error=error)
    return _said(request, publication, entry, "The logo was saved.")


@desk("POST", page="publication-look")
def take_logo_away(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the name of the publication in place of its logo."""
    publication = administered_publication(slug)
    try:
        entry = remove_logo(publication, seen=request.POST.get("seen"))
    except SettingsChangedError as error:
        found = administered_publication(slug)
        return show_part(request, found, LOOK, LOOK.stored(found), error=error)
    return _said(
        request, publication, entry, "The logo was removed. Emails now show the newsletter’s name instead."
    )


@desk("GET", "HEAD", page="publication-look")
def sample(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the sample issue in the look that the address describes, which is not stored."""
    publication = administered_publication(slug)
    tried: dict[str, Any] = {name: request.GET[name] for name in TRIED if name in request.GET}
    for name, value in tried.items():
        setattr(publication, name, value)
    if tried:
        publication.ask_useful = request.GET.get(ASKED) == "on"
    try:
        html = sample_email_of(publication).html
    except NewsletterError as error:
        html = f'<!doctype html><html lang="en"><title>Sample</title><p>{escape(str(error))}</p></html>'
    return framed_email(HttpResponse(html), ALL_PICTURES)


def _read(request: HttpRequest, publication: Publication) -> Rewritten:
    """Return the uploaded logo. Raises InvalidFields with what is wrong with it."""
    upload = request.FILES.get("logo")
    if upload is None:
        raise InvalidFields({"logo": "Choose a file first."})
    try:
        return read_logo(upload.read(), publication)
    except Invalid as error:
        raise InvalidFields({"logo": str(error)}) from error


def _said(
    request: HttpRequest, publication: Publication, entry: AuditEntry | None, sentence: str
) -> HttpResponse:
    page = reverse("desk:publication-look", args=[publication.slug])
    if entry is None:
        return done(request, "Nothing was changed.", page)
    undo = Undo(reverse("desk:undo-publication-settings", args=[publication.slug]), {"change": str(entry.pk)})
    return done(request, sentence, page, undo=undo)
