"""The part “Send”: approving, sending and scheduling an issue, and its mailing."""

from django.http import HttpRequest, HttpResponse

from newsletter.issues.models import Issue
from newsletter.web.desk.desk_page import FormError, desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.issue_header import IssueHeader, issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part
from newsletter.web.desk.issue.send_view import send_view


@desk("GET", "HEAD")
def send(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what can be done to send the issue, and its mailing."""
    return show_send(request, issue_at(slug, number))


def show_send(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    """Show the part “Send” as it is now, with any error beside the form it belongs to."""
    header = issue_header(fresh_issue(issue))
    return show_part(
        request, header, "send", forms=_forms_of(header), form_error=form_error, view=send_view(header)
    )


def _forms_of(header: IssueHeader) -> frozenset[str]:
    """Return the forms on the page that can show an error beside them."""
    forms: set[str] = set()
    if header.mailing:
        forms.add("mailing")
    if header.to_come:
        forms |= {"approve", "withdraw", "unschedule"}
        forms |= set() if header.in_undo_window else {"schedule"}
    return frozenset(forms)
