"""The publication of the first run: its names and addresses, language and zone, colour and logo."""

import json
from dataclasses import fields

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.actor import Role, why_not_role
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.articles.pictures.picture_versions import Rewritten
from newsletter.errors import Invalid, InvalidFields, Refused, refuse_if
from newsletter.first_run.first_steps import own_publication
from newsletter.first_run.guess_language_and_zone import guess_language, guess_zone, zones_by_old_name
from newsletter.first_run.load_example import why_not_load_example
from newsletter.first_run.publication_details import PublicationDetails, details_version, save_details
from newsletter.first_run.publication_logo import give_logo, read_logo
from newsletter.issues.models import Publication
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.first_run.start_page import SETTING_UP
from newsletter.web.desk.form_error import STATUS, FormError, status_of
from newsletter.web.desk.languages_and_zones import languages_with_our_texts, time_zones

NAMES = tuple(field.name for field in fields(PublicationDetails))
SUMMARY = "Your newsletter was not saved. Correct the marked fields."
CHOOSE_AGAIN = "Choose the logo again."


@desk("GET", "HEAD", "POST")
def publication(request: HttpRequest) -> HttpResponse:
    """Show the form of the publication, or save it and lead on to its source."""
    refuse_if(why_not_role(Role.ADMINISTRATOR, SETTING_UP))
    found = own_publication()
    if request.method != "POST":
        return _form(request, found, _known(found) if found else _guessed(request))
    typed = {name: request.POST.get(name, "").strip() for name in NAMES}
    upload = request.FILES.get("logo")
    try:
        logo = _logo(request)
        saved = save_details(
            PublicationDetails(**typed),
            found,
            seen=request.POST.get("seen") if found else None,
            form_key=form_key(request),
        )
    except AlreadyMadeError:
        return HttpResponseRedirect(reverse("desk:start-source"), status=303)
    except InvalidFields as error:
        errors = dict(error.fields)
        if upload:
            errors.setdefault("logo", CHOOSE_AGAIN)
        form_error = FormError("publication", SUMMARY, status_of(error), typed)
        return _form(request, found, typed, form_error=form_error, errors=errors)
    except Refused as error:
        return _form(request, own_publication(), typed, form_error=FormError.of(error, "publication", typed))
    if logo:
        give_logo(saved, logo, take_colour=request.POST.get("take_colour") == "on")
    return HttpResponseRedirect(reverse("desk:start-source"), status=303)


def _logo(request: HttpRequest) -> Rewritten | None:
    upload = request.FILES.get("logo")
    if upload is None:
        return None
    try:
        return read_logo(upload.read())
    except Invalid as error:
        raise InvalidFields({"logo": str(error)}) from error


def _known(found: Publication) -> dict[str, str]:
    return {name: str(getattr(found, name)) for name in NAMES}


def _guessed(request: HttpRequest) -> dict[str, str]:
    language = guess_language(request.headers.get("Accept-Language", ""))
    return {
        **dict.fromkeys(NAMES, ""),
        "language": language,
        "zone": guess_zone(language),
        "accent_colour": Publication._meta.get_field("accent_colour").get_default(),  # noqa: SLF001 - Django documents it
    }


def _form(
    request: HttpRequest,
    found: Publication | None,
    typed: dict[str, str],
    *,
    form_error: FormError | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    return show(
        request,
        "first_run/publication",
        status=form_error.status if form_error else 200,
        publication=found,
        seen=_seen(request, found, form_error),
        typed=typed,
        languages=languages_with_our_texts(typed["language"]),
        zones=time_zones(typed["zone"]),
        zones_by_old_name=json.dumps(dict(zones_by_old_name())),
        form_error=form_error,
        errors={**dict.fromkeys((*NAMES, "logo"), ""), **(errors or {})},
        summary=list((errors or {}).items()),
        why_not_example=why_not_load_example(),
    )


def _seen(request: HttpRequest, found: Publication | None, form_error: FormError | None) -> str:
    """Return the version that the form starts from. Wrong fields keep it; a conflict showed what is saved now."""
    is_wrong = form_error is not None and form_error.status == STATUS[Invalid]
    return request.POST.get("seen", "") if is_wrong else details_version(found) if found else ""
