"""The sign-up form of a publication in further languages: their texts beside the page that readers see."""

from collections import defaultdict
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.errors import Invalid, NewsletterError, NotFound
from newsletter.issues.models import Publication
from newsletter.issues.publication_settings import SettingsChangedError
from newsletter.issues.sign_up_settings import why_not_change_sign_up
from newsletter.issues.sign_up_translations import (
    change_translation,
    remove_translation,
    stored_texts,
    translation_version,
    undo_translation,
)
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field, status_of
from newsletter.web.desk.languages_and_zones import WITH_OUR_TEXTS, language_name
from newsletter.web.desk.settings.publication_pages import NOT_SAVED, administered_publication
from newsletter.web.desk.settings.sign_up_fields import TRANSLATED, in_words, typed_texts
from subscribers.models import List
from subscribers.sign_up_texts import languages_of
from subscribers.whole_numbers import whole_number


@dataclass(frozen=True, slots=True)
class FurtherLanguage:
    """A language that a sign-up form has, or can have, besides its main one."""

    tag: str
    name: str
    is_there: bool


def further_languages(mailing_list: List) -> list[FurtherLanguage]:
    """Return the languages that a sign-up form has, and then those that can be added."""
    main, *there = languages_of(mailing_list)
    tags = [*there, *(tag for tag in WITH_OUR_TEXTS if tag not in {main, *there})]
    return [FurtherLanguage(tag, language_name(tag), tag in there) for tag in tags]


@desk("GET", "HEAD", "POST")
def sign_up_translation(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Show the texts of a sign-up form in one more language, or save them."""
    publication = administered_publication(slug)
    _require_language(publication, language)
    if request.method != "POST":
        return _form(request, publication, language, stored_texts(publication.mailing_list, language))
    typed, seen = typed_texts(request.POST, publication.mailing_list, language), request.POST.get("seen")
    try:
        entry = change_translation(publication, language, typed, seen=seen)
    except Invalid as error:
        return _form(request, publication, language, typed, error=error, seen=seen or "")
    except SettingsChangedError as error:
        return _form(request, administered_publication(slug), language, typed, error=error)
    page = f"{reverse('desk:sign-up-form', args=[slug])}#languages"
    if entry is None:
        return done(request, "Nothing was changed.", page)
    return done(
        request,
        f"The sign-up form in {language_name(language)} was saved.",
        page,
        undo=_undo(slug, language, entry.pk),
    )


@desk("POST", page="sign-up-translation")
def remove_sign_up_translation(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Remove the texts in a further language."""
    entry = remove_translation(administered_publication(slug), language)
    page = f"{reverse('desk:sign-up-form', args=[slug])}#languages"
    sentence = f"The sign-up form is no longer available in {language_name(language)}."
    return done(request, sentence, page, undo=_undo(slug, language, entry.pk))


@desk("POST", page="sign-up-translation")
def undo_sign_up_translation(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Take one change of the texts in a further language back."""
    number = request.POST.get("change", "")
    undo_translation(administered_publication(slug), language, whole_number(number) or 0)
    page = f"{reverse('desk:sign-up-form', args=[slug])}#languages"
    return done(request, f"The previous text in {language_name(language)} was restored.", page)


def _undo(slug: str, language: str, number: int) -> Undo:
    return Undo(reverse("desk:undo-sign-up-translation", args=[slug, language]), {"change": str(number)})


def _require_language(publication: Publication, language: str) -> None:
    if language not in {each.tag for each in further_languages(publication.mailing_list)}:
        raise NotFound("The sign-up form cannot be offered in this language.")


def _form(
    request: HttpRequest,
    publication: Publication,
    language: str,
    typed: dict[str, str],
    *,
    error: NewsletterError | None = None,
    seen: str = "",
) -> HttpResponse:
    """Show the form with what was typed, and with what was wrong, or what is saved now."""
    errors = errors_by_field(error)
    form_error = FormError("sign-up", NOT_SAVED, status_of(error)) if error else None
    mailing_list, name = publication.mailing_list, language_name(language)
    return show(
        request,
        "settings/sign_up_translation",
        status=form_error.status if form_error else 200,
        publication=publication,
        mailing_list=mailing_list,
        language=language,
        is_there=language in languages_of(mailing_list),
        part={
            "title": f"Sign-up form in {name}",
            "name": "sign-up",
            "counts": f"Readers see this if they choose {name} or their browser prefers it. "
            "Changes take effect immediately.",
        },
        fields=[(each, []) for each in TRANSLATED],
        main={each.name: getattr(mailing_list, each.name) for each in TRANSLATED},
        typed=typed,
        seen=seen or translation_version(mailing_list, language),
        approved=[],  # nothing of the form is in an email of an issue
        why_not=why_not_change_sign_up(publication),
        form_error=form_error,
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
        conflict=in_words(error.now) if isinstance(error, SettingsChangedError) else [],
        not_saved=NOT_SAVED,
    )
