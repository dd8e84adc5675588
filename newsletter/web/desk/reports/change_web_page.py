"""The web page of an issue that was sent: correct it, withdraw it, and undo either."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import NewsletterError, NotFound
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path, read_online_url
from newsletter.sending.plan import find_mailing
from newsletter.sending.web_page_changes import (
    changes_of,
    correct_web_page,
    undo_web_page_change,
    why_not_change_web_page,
    why_not_correct_web_page,
    withdraw_web_page,
    withdrawal_of,
)
from newsletter.sending.web_page_models import WebPageChange
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from subscribers.whole_numbers import whole_number

CORRECT, WITHDRAW = "correct", "withdraw"


@desk("GET", "HEAD")
def web_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what was changed on the web page of an issue, and how to change it."""
    return _show(request, issue_at(slug, number))


@desk("POST", page="web-page")
def correct(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Correct the web page."""
    issue = issue_at(slug, number)
    typed = {name: request.POST.get(name, "") for name in ("note", "old", "new")}
    try:
        change = correct_web_page(
            issue, typed["note"], old=typed["old"], new=typed["new"], form_key=form_key(request)
        )
    except AlreadyMadeError:
        return done(request, "The web page was corrected.", f"{issue_path(issue, 'web-page')}#changes")
    except NewsletterError as error:
        return _show(request, issue, FormError.of(error, CORRECT, typed))
    return _done(request, change, "The web page was corrected.")


@desk("POST", page="web-page")
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Withdraw the web page."""
    issue = issue_at(slug, number)
    typed = {"why": request.POST.get("why", "")}
    try:
        change = withdraw_web_page(issue, typed["why"])
    except NewsletterError as error:
        return _show(request, issue, FormError.of(error, WITHDRAW, typed))
    return _done(request, change, "The web page was withdrawn.")


@desk("POST", page="web-page")
def undo(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Undo a correction or the withdrawal."""
    issue = issue_at(slug, number)
    text = request.POST.get("change", "")
    change = undo_web_page_change(issue, whole_number(text) or 0)
    what = "correction to" if change.kind == WebPageChange.Kind.CORRECTION else "withdrawal of"
    return done(request, f"The {what} the web page was undone.", issue_path(issue, "web-page"))


def _done(request: HttpRequest, change: WebPageChange, sentence: str) -> HttpResponse:
    issue = change.issue
    fields = {"change": str(change.pk)}
    path = reverse("desk:undo-web-page-change", args=[issue.publication.slug, issue.number])
    return done(request, sentence, f"{issue_path(issue, 'web-page')}#changes", undo=Undo(path, fields))


def _show(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    if find_mailing(issue) is None:
        raise NotFound(f"{issue} has not been sent, so it has no web page yet. Edit the issue itself.")
    return show(
        request,
        "reports/web_page",
        status=form_error.status if form_error else 200,
        issue=issue,
        publication=issue.publication,
        zone=issue.publication.tzinfo,
        now=timezone.now(),
        address=read_online_url(issue.publication, issue.number),
        changes=list(changes_of(issue)),
        withdrawal=withdrawal_of(issue),
        why_not_correct=why_not_correct_web_page(issue),
        why_not_withdraw=why_not_change_web_page(issue),
        form_error=form_error,
    )
