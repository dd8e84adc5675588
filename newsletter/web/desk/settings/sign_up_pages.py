"""The sign-up form of a publication: its settings beside the page that readers see, and the ways to share it."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.models import Publication
from newsletter.issues.publication_settings import SettingsChangedError
from newsletter.issues.sign_up_settings import (
    change_sign_up,
    other_publications,
    sign_up_version,
    undo_sign_up,
    why_not_change_sign_up,
)
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.form_error import FormError, errors_by_field, status_of
from newsletter.web.desk.languages_and_zones import language_name
from newsletter.web.desk.links_that_work_here import why_not_share
from newsletter.web.desk.settings.publication_pages import (
    NOT_SAVED,
    administered_publication,
)
from newsletter.web.desk.settings.qr_code import qr_png, qr_svg
from newsletter.web.desk.settings.sign_up_fields import (
    GROUPS,
    in_words,
    settings_of_form,
    stored_values,
    tried_list,
    tried_translation,
    typed_values,
)
from newsletter.web.desk.settings.sign_up_translation_pages import further_languages
from subscribers.consent_wordings import sign_up_wordings
from subscribers.embed_code import embed_code
from subscribers.lists import sign_up_url
from subscribers.sign_up_texts import shown_in
from subscribers.views.sign_up import sample_sign_up_page
from subscribers.whole_numbers import whole_number

MAX_WORDINGS = 20
SAMPLE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


@desk("GET", "HEAD", "POST")
def sign_up_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the sign-up form of a publication with its settings, or save them."""
    publication = administered_publication(slug)
    if request.method != "POST":
        return _form(request, publication, stored_values(publication.mailing_list))
    typed = typed_values(request.POST, publication.mailing_list)
    try:
        values = settings_of_form(request.POST, publication.mailing_list)
        entry = change_sign_up(publication, values, seen=request.POST.get("seen"))
    except Invalid as error:
        return _form(request, publication, typed, error=error, seen=request.POST.get("seen", ""))
    except SettingsChangedError as error:
        return _form(request, administered_publication(slug), typed, error=error)
    page = reverse("desk:sign-up-form", args=[slug])
    if entry is None:
        return done(request, "Nothing was changed.", page)
    undo = Undo(reverse("desk:undo-sign-up-form", args=[slug]), {"change": str(entry.pk)})
    return done(request, "The sign-up form was saved.", page, undo=undo)


@desk("POST", page="sign-up-form")
def undo_sign_up_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one change of the sign-up form back."""
    publication = administered_publication(slug)
    number = request.POST.get("change", "")
    undo_sign_up(publication, whole_number(number) or 0)
    return done(request, "The previous sign-up form was restored.", reverse("desk:sign-up-form", args=[slug]))


@desk("GET", "HEAD", page="sign-up-form")
def sign_up_sample(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the sign-up page as the address describes it, which is not stored. Nothing can be sent from it."""
    publication = administered_publication(slug)
    mailing_list, language = publication.mailing_list, request.GET.get("lang", "")
    further = language in {each.tag for each in further_languages(mailing_list)}
    tried = (
        tried_translation(request.GET, mailing_list, language)
        if further
        else tried_list(request.GET, mailing_list)
    )
    main = mailing_list.language if further else ""
    response = sample_sign_up_page(request, tried, main_language=main)
    response["Content-Security-Policy"] = SAMPLE_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


@desk("GET", "HEAD")
def share_sign_up(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the link of the sign-up page, its QR code, and the code for another website."""
    publication = publication_at(slug)
    mailing_list = publication.mailing_list
    shown, languages = shown_in(mailing_list, request.GET.get("lang", ""))
    several = len(languages) > 1
    return show(
        request,
        "settings/sign_up_share",
        publication=publication,
        mailing_list=mailing_list,
        link=sign_up_url(mailing_list.slug),
        why_not_share=why_not_share(sign_up_url(mailing_list.slug)),
        language_link=sign_up_url(mailing_list.slug, shown.language) if several else "",
        language=shown.language,
        languages=[(tag, language_name(tag)) for tag in languages] if several else [],
        code=embed_code(shown, names_language=several),
        why_not_change=why_not_change_sign_up(publication),
    )


@desk("GET", "HEAD")
def sign_up_qr_svg(_request: HttpRequest, slug: str) -> HttpResponse:
    """Return the QR code for the sign-up page as an SVG picture."""
    return _picture(slug, qr_svg(_link(slug)), "image/svg+xml", "svg")


@desk("GET", "HEAD")
def sign_up_qr_png(_request: HttpRequest, slug: str) -> HttpResponse:
    """Return the QR code for the sign-up page as a PNG picture that is large enough for print."""
    return _picture(slug, qr_png(_link(slug)), "image/png", "png")


def _link(slug: str) -> str:
    return sign_up_url(publication_at(slug).mailing_list.slug)


def _picture(slug: str, content: bytes, kind: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'inline; filename="{slug}-sign-up.{ending}"'
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


def _counts(publication: Publication) -> str:
    return f"People use this form to sign up to the list “{publication.mailing_list}”. Changes take effect immediately."


def _form(
    request: HttpRequest,
    publication: Publication,
    typed: dict[str, Any],
    *,
    error: NewsletterError | None = None,
    seen: str = "",
) -> HttpResponse:
    """Show the form with what was typed, and with what was wrong, or what is saved now."""
    errors = errors_by_field(error)
    form_error = FormError("sign-up", NOT_SAVED, status_of(error)) if error else None
    others, unseen = other_publications(publication)
    return show(
        request,
        "settings/sign_up_form",
        status=form_error.status if form_error else 200,
        publication=publication,
        mailing_list=publication.mailing_list,
        part={"title": "Sign-up form", "name": "sign-up", "counts": _counts(publication)},
        groups=[
            (title, [(each, each.choices(publication) if each.choices else []) for each in fields])
            for title, fields in GROUPS.items()
        ],
        typed=typed,
        seen=seen or sign_up_version(publication.mailing_list),
        approved=[],  # nothing of the form is in an email of an issue
        others=others,
        unseen=unseen,
        why_not=why_not_change_sign_up(publication),
        further=further_languages(publication.mailing_list),
        language_name=language_name,
        wordings=sign_up_wordings(publication.mailing_list, at_most=MAX_WORDINGS),
        form_error=form_error,
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
        conflict=in_words(error.now) if isinstance(error, SettingsChangedError) else [],
        not_saved=NOT_SAVED,
    )
