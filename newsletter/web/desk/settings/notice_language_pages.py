"""The notices of a newsletter in the languages of its readers: which there are, and the texts in one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.models import NoticeTranslation, Publication
from newsletter.issues.notice_languages import is_own
from newsletter.issues.notice_translations import (
    WantedText,
    change_notices_in,
    languages_of_notices,
    numbers_in,
    remove_language,
    require_language,
    texts_in,
    texts_version,
)
from newsletter.rendering.topic_notices import SuggestedText, require_current, suggested_texts
from newsletter.scheduling.approval import end_changed_approvals, sentence_about_reopened
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.languages_and_zones import every_language, language_name
from newsletter.web.desk.settings.publication_pages import administered_publication
from subscribers.phrases import counted
from subscribers.translated_languages import direction
from subscribers.translated_languages import language_name as main_language_name


@dataclass(frozen=True, slots=True)
class OfferedLanguage:
    """A language in which notices have texts, and how many of the notices have a confirmed one."""

    tag: str
    name: str
    confirmed: int


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice on the form, with its text in another language. `is_suggested` says that the text is only ours."""

    notice: str
    text: str
    confirmed: bool
    is_suggested: bool

    @property
    def has_numbers(self) -> bool:
        """Whether the notice has a number, which may be one to call in an emergency."""
        return bool(numbers_in(self.notice))


@desk("GET", "HEAD")
def notice_languages(request: HttpRequest, slug: str) -> HttpResponse:
    """List the languages in which notices have texts, or lead to the texts in the language that was chosen."""
    publication = administered_publication(slug)
    problem, chosen = "", request.GET.get("language", "")[:40]
    if not chosen and "language" in request.GET:
        problem = "Choose a language."
    if chosen:
        try:
            require_language(publication, chosen)
        except NewsletterError as error:
            problem = str(error)
        else:
            page = reverse("desk:notices-in-language", args=[slug, chosen])
            return HttpResponseRedirect(page, status=303)
    notices = suggested_texts(publication, publication.language)
    return show(
        request,
        "settings/notice_languages",
        status=422 if problem else 200,
        publication=publication,
        language=main_language_name(publication.language),
        notices=[each.notice for each in notices],
        languages=[_offered(publication, tag, notices) for tag in languages_of_notices(publication)],
        choices=[each for each in every_language() if each[0] and not is_own(each[0], publication.language)],
        chosen=chosen,
        problem=problem,
    )


@desk("GET", "HEAD", "POST")
def notices_in_language(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Show the notices in one language, or save them."""
    publication = administered_publication(slug)
    require_language(publication, language)
    suggested = suggested_texts(publication, language)
    if request.method != "POST":
        return _form(request, publication, language, _rows(suggested, texts_in(publication, language)))
    typed = _typed(request.POST, suggested)
    try:
        require_current(publication, [each.notice for each in typed])
        changed = change_notices_in(publication, language, _to_store(typed), seen=request.POST.get("seen"))
    except NewsletterError as error:
        return _form(request, publication, language, typed, error=error)
    return done(
        request,
        _and_ended(publication, _saved(publication, language, suggested))
        if changed
        else "Nothing was changed.",
        reverse("desk:publication-notices", args=[slug]),
    )


@desk("POST", page="notices-in-language")
def remove_notices_in_language(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """Remove all notices in a language."""
    publication = administered_publication(slug)
    stored = texts_in(publication, language)
    remove_language(publication, language)
    rows = _rows(suggested_texts(publication, language), stored)
    fields = {"seen": texts_version(publication, language)}
    for number, row in enumerate(rows, start=1):
        text = "" if row.is_suggested else row.text  # what was not stored is not stored by the undo either
        fields |= {f"notice-{number}": row.notice, f"text-{number}": text}
        fields |= {f"confirmed-{number}": "on"} if row.confirmed else {}
    return done(
        request,
        _and_ended(publication, f"The notices in {language_name(language)} were removed."),
        reverse("desk:publication-notices", args=[slug]),
        undo=Undo(reverse("desk:notices-in-language", args=[slug, language]), fields),
    )


def _and_ended(publication: Publication, said: str) -> str:
    """Add to a sentence which issues must be approved again."""
    return f"{said} {sentence_about_reopened(end_changed_approvals(publication))}".strip()


def _choices(publication: Publication) -> list[tuple[str, str]]:
    _unknown, *known = every_language()
    others = [each for each in known if not is_own(each[0], publication.language)]
    return [("", "Choose a language"), *others]


def _offered(publication: Publication, tag: str, notices: Sequence[SuggestedText]) -> OfferedLanguage:
    stored = texts_in(publication, tag)
    confirmed = sum(each.notice in stored and stored[each.notice].confirmed for each in notices)
    return OfferedLanguage(tag, language_name(tag), confirmed)


def _saved(publication: Publication, language: str, notices: Sequence[SuggestedText]) -> str:
    """Return what the page says after texts were saved, with those that readers do not get."""
    stored = texts_in(publication, language)
    drafts = sum(each.notice in stored and not stored[each.notice].confirmed for each in notices)
    name = language_name(language)
    if not drafts:
        return f"The notices in {name} were saved."
    return (
        f"The notices in {name} were saved. {counted(drafts, 'text is', 'texts are')} not confirmed yet, so readers do "
        f"not get {'it' if drafts == 1 else 'them'}."
    )


def _rows(suggested: Sequence[SuggestedText], stored: Mapping[str, NoticeTranslation]) -> list[NoticeRow]:
    return [
        NoticeRow(each.notice, stored[each.notice].text, stored[each.notice].confirmed, is_suggested=False)
        if each.notice in stored
        else NoticeRow(each.notice, each.suggestion, confirmed=False, is_suggested=bool(each.suggestion))
        for each in suggested
    ]


def _typed(form: QueryDict, suggested: Sequence[SuggestedText]) -> list[NoticeRow]:
    """Return the rows of the form. A suggestion that nobody changed or confirmed is still one."""
    suggestions = {each.notice: each.suggestion for each in suggested}
    rows = []
    for number in range(1, len(suggested) + 1):
        notice, text = form.get(f"notice-{number}", ""), form.get(f"text-{number}", "").strip()
        confirmed = f"confirmed-{number}" in form
        is_suggested = bool(text) and not confirmed and text == suggestions.get(notice)
        if notice:
            rows.append(NoticeRow(notice, text, confirmed, is_suggested))
    return rows


def _to_store(rows: Sequence[NoticeRow]) -> list[WantedText]:
    return [WantedText(notice=row.notice, text=row.text, confirmed=row.confirmed) for row in rows]


def _form(
    request: HttpRequest,
    publication: Publication,
    language: str,
    rows: Sequence[NoticeRow],
    *,
    error: NewsletterError | None = None,
) -> HttpResponse:
    errors = error.fields if isinstance(error, InvalidFields) else {}
    stored = texts_in(publication, language)
    return show(
        request,
        "settings/notices_in_language",
        status=status_of(error) if error else 200,
        publication=publication,
        tag=language,
        language=language_name(language),
        own=main_language_name(publication.language),
        direction=direction(language),
        rows=list(enumerate(rows, start=1)),
        errors=errors,
        problem="" if error is None or errors else str(error),
        stored=list(stored.values()),
        seen=texts_version(publication, language),
    )
