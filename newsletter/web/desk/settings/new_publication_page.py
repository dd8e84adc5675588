"""A new publication: the few details that its first issue needs. Everything else has a default and can be changed."""

from collections import defaultdict
from dataclasses import fields

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import Role, why_not_role
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import InvalidFields, refuse_if
from newsletter.first_run.guess_language_and_zone import guess_language, guess_zone
from newsletter.first_run.publication_details import PublicationDetails, save_details
from newsletter.issues.models import Publication
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError, status_of
from newsletter.web.desk.settings.publication_fields import languages, time_zones

NAMES = tuple(each.name for each in fields(PublicationDetails))
ACT = "Creating a newsletter"
SHARED = ("organisation", "website", "sender_address", "postal_address", "language", "zone", "accent_colour")


@desk("GET", "HEAD", "POST")
def new_publication(request: HttpRequest) -> HttpResponse:
    """Show the form of a new publication, or make it with a mailing list of its name."""
    refuse_if(why_not_role(Role.ADMINISTRATOR, ACT))
    if request.method != "POST":
        return _form(request, _guessed(request))
    typed = {name: str(request.POST.get(name, "")).strip() for name in NAMES}
    try:
        slug = save_details(PublicationDetails(**typed), form_key=form_key(request)).slug
    except AlreadyMadeError as earlier:
        slug = earlier.made
    except InvalidFields as error:
        return _form(request, typed, error)
    page = reverse("desk:publication-settings", args=[slug])
    return done(request, "The newsletter was created, with a mailing list that has the same name.", page)


def _guessed(request: HttpRequest) -> dict[str, str]:
    """Return what the form begins with: the details of the newest publication of the same organisation."""
    before = Publication.objects.order_by("-pk").first()
    language = guess_language(request.headers.get("Accept-Language", ""))
    blank = Publication(language=language, zone=guess_zone(language))
    return dict.fromkeys(NAMES, "") | {name: str(getattr(before or blank, name)) for name in SHARED}


def _form(request: HttpRequest, typed: dict[str, str], error: InvalidFields | None = None) -> HttpResponse:
    errors = error.fields if error else {}
    chosen = Publication(language=typed["language"] or "en-GB", zone=typed["zone"] or "UTC")
    form_error = (
        FormError("new", "The newsletter was not created.", status_of(error), typed) if error else None
    )
    return show(
        request,
        "settings/new_publication",
        status=form_error.status if form_error else 200,
        typed=typed,
        languages=languages(chosen),
        zones=time_zones(chosen),
        form_error=form_error,
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
    )
