"""Correct an article that readers were sent, and change or remove a correction."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.articles.models import Article, Correction
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.article_corrections import issues_that_carried, publications_that_carried
from newsletter.issues.correct_article import (
    FIELDS,
    CorrectionText,
    correction_version,
    found_correction,
    remove_correction,
    why_not_change_correction,
    why_not_correct,
)
from newsletter.issues.visible_to_actor import visible
from newsletter.preflight.correct_article import correct_article, reword_correction
from newsletter.web.desk.articles.article_page import article_at
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import errors_by_field, status_of
from subscribers.typed_days import typed_day

_IDS = {"severity": f"severity-{Correction.Severity.MINOR}"}
SEVERITIES = (
    (
        Correction.Severity.MINOR,
        "Minor, such as a wrong name: it does not change what readers will think or do",
    ),
    (Correction.Severity.SIGNIFICANT, "Significant: it changes what the article says"),
    (
        Correction.Severity.SERIOUS,
        "Serious: it could harm somebody who relies on it. You can email everyone who received the article",
    ),
)
MADE = "The correction was published. The next issue will tell readers about it."


@desk("GET", "HEAD", "POST", page="article")
def correct(request: HttpRequest, article: int) -> HttpResponse:
    """Show the form for a correction, or publish the correction."""
    found = article_at(article)
    if request.method != "POST":
        return _show(request, found, {"severity": Correction.Severity.SIGNIFICANT})
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    text, wrong = _text(typed)
    try:
        correction = correct_article(article, text, form_key=form_key(request), wrong=wrong)
    except AlreadyMadeError as made:
        return done(request, MADE, _next_path(found_correction(int(made.made))))
    except NewsletterError as error:
        return _show(request, found, typed, error)
    undo = Undo(reverse("desk:remove-correction", args=[correction.pk]))
    return done(request, MADE, _next_path(correction), undo=undo)


@desk("GET", "HEAD", "POST", page="article")
def change(request: HttpRequest, correction: int) -> HttpResponse:
    """Show the form with what a correction says, or change it."""
    found = found_correction(correction)
    if request.method != "POST":
        return _show(request, found.article, _typed_again(found), correction=found)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    text, wrong = _text(typed)
    try:
        reword_correction(correction, text, seen=request.POST.get("seen"), wrong=wrong)
    except NewsletterError as error:
        return _show(request, found.article, typed, error, correction=found_correction(correction))
    return done(request, "The correction was changed.", _path(found.article))


@desk("GET", "HEAD", "POST", page="articles")
def remove(request: HttpRequest, correction: int) -> HttpResponse:
    """Ask whether to remove a correction that no reader was sent, or remove it."""
    if request.method != "POST":
        found = found_correction(correction)
        return show(
            request,
            "articles/remove_correction",
            correction=found,
            article=found.article,
            why_not=why_not_change_correction(found),
        )
    article = remove_correction(correction)
    return done(request, "The correction was removed.", _path(article))


def _typed_again(correction: Correction) -> dict[str, str]:
    return {
        "said": correction.said,
        "right": correction.text,
        "why": correction.why,
        "wrong_since": correction.wrong_since.isoformat() if correction.wrong_since else "",
        "severity": correction.severity,
    }


def _text(typed: dict[str, str]) -> tuple[CorrectionText, dict[str, str]]:
    """Return what was typed, and what is wrong with fields that are not text."""
    day, wrong = None, dict[str, str]()
    try:
        day = typed_day(typed["wrong_since"], "wrong_since")
    except InvalidFields as error:
        wrong = error.fields
    text = CorrectionText(
        said=typed["said"],
        right=typed["right"],
        why=typed["why"],
        wrong_since=day,
        severity=typed["severity"],
    )
    return text, wrong


def _show(
    request: HttpRequest,
    article: Article,
    typed: dict[str, str],
    error: NewsletterError | None = None,
    *,
    correction: Correction | None = None,
) -> HttpResponse:
    """Show the form for a new correction, or for changing this one."""
    errors = errors_by_field(error)
    why_not = why_not_change_correction(correction) if correction else why_not_correct(article)
    return show(
        request,
        "articles/correct",
        status=status_of(error) if error else 200,
        article=article,
        issues=list(visible(issues_that_carried(article))),
        correction=correction,
        seen=correction_version(correction) if correction else "",
        is_changed=bool(correction and "" in errors),
        why_not=why_not,
        severities=SEVERITIES,
        typed=dict.fromkeys(FIELDS, "") | typed,
        errors=errors,
        summary=[(_IDS.get(name, name), sentence) for name, sentence in errors.items()],
    )


def _next_path(correction: Correction) -> str:
    """Return the page to go on with: the email about a serious correction if one newsletter sent the article."""
    publications = publications_that_carried(correction.article)
    if correction.severity != Correction.Severity.SERIOUS or len(publications) > 1:
        return _path(correction.article)
    return reverse("desk:correction-email", args=[correction.pk, publications[0].slug])


def _path(article: Article) -> str:
    return f"{reverse('desk:article', args=[article.pk])}#corrections"
