"""The email of an issue: alone in its frame, and as a part of the issue's page on narrow screens."""

from django.http import HttpRequest, HttpResponse

from newsletter.sending.test_send import current_emails, preview_for_anyone
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part

# The desk shows the email in a frame. Nothing in the email may run, submit a form, or navigate the desk away.
EMAIL_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


@desk("GET", "HEAD")
def preview(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the email as the only part of the page."""
    return show_part(request, issue_header(fresh_issue(issue_at(slug, number))), "preview")


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
