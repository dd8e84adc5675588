"""The page of one issue, and its letter as a reader gets it."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter.errors import NotFound
from newsletter.issues.models import Issue
from newsletter.sending.test_send import as_nobody_gets_it, emails_as_they_would_go
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue_view import Sheet, sheet_of
from newsletter.web.desk.page import Trouble, desk, show

# The letter is shown inside a frame of ours, where nothing in it may run, be sent anywhere, or lead the desk away.
LETTER_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


@desk("GET", "HEAD")
def issue(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An issue: its state, its letter, and what may be done now."""
    return show_issue(request, issue_at(slug, number))


@desk("GET", "HEAD")
def letter(_request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The letter alone."""
    found = issue_at(slug, number)
    html = as_nobody_gets_it(emails_as_they_would_go(found).main, found).html
    # A link leads into a tab of its own: inside the frame, other sites are not let in.
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = LETTER_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def show_issue(request: HttpRequest, issue: Issue, trouble: Trouble | None = None) -> HttpResponse:
    """The page of an issue as it is now, with what went wrong beside the form that it concerns."""
    fresh = Issue.objects.select_related("publication").filter(pk=issue.pk).first()
    if fresh is None:
        raise NotFound("This issue is no longer there.")
    sheet = sheet_of(fresh)
    holding = bool(sheet.schedule and sheet.schedule.holding and fresh.state == Issue.State.SCHEDULED)
    mailing = sheet.mailing
    sending = fresh.state == Issue.State.SENDING and (mailing is None or not mailing.why_not["pause"])
    return show(
        request,
        "issue",
        status=trouble.status if trouble else 200,
        sheet=sheet,
        issue=fresh,
        publication=fresh.publication,
        zone=fresh.publication.tzinfo,
        now=timezone.now(),
        holding=holding,
        live=sending or holding,
        trouble=trouble,
        on_top=trouble is not None and trouble.form not in _forms_of(sheet, holding=holding),
    )


def _forms_of(sheet: Sheet, *, holding: bool) -> set[str]:
    """The forms that the page has, beside which a sentence about them stands."""
    forms = {"articles"}
    if sheet.mailing:
        forms.add("mailing")
    if sheet.to_come:
        forms |= {"approve", "withdraw", "unschedule"}
        forms |= set() if sheet.why_not["edit"] else {"words"}
        forms |= set() if holding else {"schedule"}
    return forms
