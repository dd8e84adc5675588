"""The first page of the desk: the open issues of every publication."""

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NewsletterError
from newsletter.issues.compose import compose
from newsletter.issues.page_urls import issue_path
from newsletter.web.desk.dashboard_view import publication_overviews
from newsletter.web.desk.desk_page import FormError, desk, done, show
from newsletter.web.desk.desk_urls import publication_at


@desk("GET", "HEAD")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the open issues by publication."""
    return _dashboard(request)


@desk("POST")
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft the next issue of a publication."""
    publication = publication_at(slug)
    try:
        issue = compose(publication)
    except NewsletterError as error:
        return _dashboard(request, FormError.of(error, slug, {}))
    return done(request, "We drafted the issue from the latest articles.", issue_path(issue))


def _dashboard(request: HttpRequest, form_error: FormError | None = None) -> HttpResponse:
    found = publication_overviews()
    return show(
        request,
        "dashboard",
        status=form_error.status if form_error else 200,
        overviews=found,
        waiting=sum(overview.waiting for overview in found),
        live=any(row.is_live for overview in found for row in overview.rows),
        form_error=form_error,
    )
