"""The part “Review”: who will receive the issue, what the email is like, and what was done with the issue."""

from django.http import HttpRequest, HttpResponse

from newsletter.issues import issue_audit
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part

ENTRIES = 100


@desk("GET", "HEAD")
def review(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the review of an issue."""
    header = issue_header(fresh_issue(issue_at(slug, number)))
    history = list(issue_audit.entries(issue=header.issue)[:ENTRIES])
    return show_part(request, header, "review", history=history)
