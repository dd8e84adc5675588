"""The part “Details”: the subject, the preheader and the introduction of an issue."""

from django.http import HttpRequest, HttpResponse

from newsletter.issues.approvals import current_approval
from newsletter.issues.edit_issue import texts_version
from newsletter.issues.models import Issue
from newsletter.web.desk.desk_page import FormError, desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part


@desk("GET", "HEAD")
def details(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the details of an issue."""
    return show_details(request, issue_at(slug, number))


def show_details(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    """Show the details of an issue as they are now, with any error beside the form it belongs to."""
    header = issue_header(fresh_issue(issue))
    return show_part(
        request,
        header,
        "details",
        forms=frozenset({"texts"} if header.can_edit else ()),
        form_error=form_error,
        texts_version=texts_version(header.issue),
        approval=current_approval(header.issue),
    )
