"""The part “Send”: testing, approving, sending and scheduling an issue, and its mailing."""

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NotFound
from newsletter.issues.models import Issue
from newsletter.sending.proof_groups import group_version
from newsletter.web.desk.desk_page import desk, is_htmx
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.issue_header import IssueHeader, issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_fragment, show_part
from newsletter.web.desk.issue.mailing_view import mailing_figures
from newsletter.web.desk.issue.send_view import send_view


@desk("GET", "HEAD")
def send(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what can be done to send the issue, and its mailing."""
    return show_send(request, issue_at(slug, number))


@desk("GET", "HEAD")
def figures(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the figures of the mailing alone, for pages that ask for them by themselves."""
    header = issue_header(fresh_issue(issue_at(slug, number)))
    if header.mailing is None:
        raise NotFound("This issue has no mailing yet.")
    if not is_htmx(request):
        return show_part(
            request, header, "send", template="send_figures", figures=mailing_figures(header.mailing)
        )
    return show_fragment(
        request, header, "send", "issue/mailing_figures", figures=mailing_figures(header.mailing)
    )


def show_send(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    """Show the part “Send” as it is now, with any error beside the form it belongs to."""
    header = issue_header(fresh_issue(issue))
    view = send_view(header)
    groups = view.tests.groups if view.tests else []
    return show_part(
        request,
        header,
        "send",
        forms=_forms_of(header),
        form_error=form_error,
        view=view,
        group_options=[(each.name, f"{each.name} ({len(each.addresses)})") for each in groups],
        group_names=[each.name for each in groups],
        group_version=group_version,
    )


def _forms_of(header: IssueHeader) -> frozenset[str]:
    """Return the forms on the page that can show an error beside them."""
    forms: set[str] = set()
    if header.mailing:
        forms.add("mailing")
    if header.to_come:
        forms |= {"test", "group", "approve", "refuse", "ask", "withdraw", "unschedule"}
        forms |= set() if header.in_undo_window else {"schedule"}
    return frozenset(forms)
