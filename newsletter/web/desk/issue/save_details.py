"""Saving the subject, preheader and introduction of an issue by a form, and adding a picture to the introduction."""

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse

from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.introduction_pictures import introduction_picture
from newsletter.issues.issue_versions import newest_version
from newsletter.issues.item_pictures import LARGEST_UPLOAD
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.issues.save_texts_without_overwriting import Saved, TypedText, save_texts
from newsletter.web.desk.desk_page import desk, done
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError, field_of, status_of
from newsletter.web.desk.issue.details_autosave import JSON
from newsletter.web.desk.issue.details_page import TEXTS, Problems, show_details
from newsletter.web.desk.issue.undo_and_restore_acts import undo_of


@desk("POST", page="details")
def save_texts_form(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Save the texts that the editor changed. Texts that a colleague changed as well are shown beside theirs."""
    issue = issue_at(slug, number)
    typed = request.POST.dict()
    try:
        if "add_picture" in request.POST:
            typed["opening"] = f"{typed.get('opening', '').rstrip()}\n\n{_picture(request, issue)}".strip()
        before = newest_version(issue)
        outcomes = save_texts(issue, _texts(typed), agreed=typed.get("agreed", ""))
    except NewsletterError as error:
        wrong = field_of(error)
        if "add_picture" in typed and not wrong:
            wrong = "picture"
        problems = Problems(errors={wrong: str(error)} if wrong else {})
        return show_details(request, issue, FormError.of(error, "texts", typed), problems)
    saved = [each for each in outcomes if isinstance(each, Saved) and each.changed]
    asked = [each for each in outcomes if not isinstance(each, Saved)]
    if asked:
        form_error = FormError("texts", _sentence(asked, saved), 409, typed)
        return show_details(
            request, issue, form_error, Problems(outcomes=asked, saved={each.field for each in saved})
        )
    if not saved:
        return done(request, "Nothing was changed.", issue_path(issue, "details"))
    undo = undo_of(issue, "details") if newest_version(issue) == before + 1 else None
    labels = ", ".join(TEXTS[each.field].lower() for each in saved)
    return done(request, f"Your changes were saved: {labels}.", issue_path(issue, "details"), undo=undo)


@desk("POST", page="details")
def add_picture(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Store a picture for the introduction, and tell the script the Markdown that shows it."""
    issue = issue_at(slug, number)
    if JSON not in request.headers.get("Accept", ""):
        return save_texts_form(request, slug, number)
    try:
        return JsonResponse({"markdown": _picture(request, issue)})
    except NewsletterError as error:
        return JsonResponse({"sentence": str(error)}, status=status_of(error))


def _picture(request: HttpRequest, issue: Issue) -> str:
    file = request.FILES.get("picture")
    if not isinstance(file, UploadedFile) or not file.size:
        raise Invalid("Choose a picture first.")
    if file.size > LARGEST_UPLOAD:
        raise Invalid(
            f"{file.name} is larger than {LARGEST_UPLOAD // 1_000_000} MB. Make the picture smaller, then add it again."
        )
    try:
        return introduction_picture(issue, file.read(), request.POST.get("picture_description", ""))
    except Invalid as error:
        raise Invalid(f"{file.name}: {error}") from error


def _texts(typed: dict[str, str]) -> Iterable[TypedText]:
    for name in TEXTS:
        if name not in typed or typed.get(f"choice-{name}") == "theirs":
            continue
        # Both texts were shown, and the editor has not chosen yet: this is a conflict still.
        undecided = f"asked-{name}" in typed and typed.get(f"choice-{name}") != "mine"
        version = typed.get(f"version-{name}", text_version(""))
        yield TypedText(field=name, text=typed[name], started_from="" if undecided else version)


def _sentence(asked: Iterable[object], saved: list[Saved]) -> str:
    sentences = " ".join(dict.fromkeys(str(getattr(each, "sentence", "")) for each in asked))
    if not saved:
        return sentences
    labels = ", ".join(TEXTS[each.field].lower() for each in saved)
    return f"{sentences} Your other changes were saved: {labels}."
