"""The page of one issue, and its email as a reader sees it."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.errors import NotFound
from newsletter.issues.models import Issue
from newsletter.sending.test_send import current_emails, preview_for_anyone
from newsletter.web.desk.desk_page import FormError, desk, show
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue_view import IssueView, issue_view

# The desk shows the email in a frame. Nothing in the email may run, submit a form, or navigate the desk away.
EMAIL_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


@desk("GET", "HEAD")
def issue(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show an issue: its state, its email, and what the user may do now."""
    return show_issue(request, issue_at(slug, number))


@desk("GET", "HEAD")
def email(_request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the email alone."""
    found = issue_at(slug, number)
    html = preview_for_anyone(current_emails(found).main, found).html
    # Links open in a new tab, because the policy of the frame lets no other site in.
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = EMAIL_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def show_issue(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    """Show an issue as it is now, with any error beside the form it belongs to."""
    fresh = Issue.objects.select_related("publication").filter(pk=issue.pk).first()
    if fresh is None:
        raise NotFound("This issue no longer exists.")
    view = issue_view(fresh)
    in_undo_window = bool(
        view.schedule and view.schedule.in_undo_window and fresh.state == Issue.State.SCHEDULED
    )
    mailing = view.mailing
    sending = fresh.state == Issue.State.SENDING and (mailing is None or not mailing.why_not["pause"])
    return show(
        request,
        "issue",
        status=form_error.status if form_error else 200,
        view=view,
        issue=fresh,
        publication=fresh.publication,
        zone=fresh.publication.tzinfo,
        now=timezone.now(),
        in_undo_window=in_undo_window,
        live=sending or in_undo_window,
        form_error=form_error,
        on_top=form_error is not None
        and form_error.form not in _forms_of(view, in_undo_window=in_undo_window),
    )


def _forms_of(view: IssueView, *, in_undo_window: bool) -> set[str]:
    """Return the forms on the page that can show an error beside them."""
    forms = {"articles"}
    if view.mailing:
        forms.add("mailing")
    if view.to_come:
        forms |= {"approve", "withdraw", "unschedule"}
        forms |= set() if view.why_not["edit"] else {"texts"}
        forms |= set() if in_undo_window else {"schedule"}
    return forms
