"""The first page of the desk: the open issues of every publication."""

from django.http import HttpRequest, HttpResponse

from newsletter.web.desk.desk_page import FormError, desk, show
from newsletter.web.desk.home.home_view import publication_overviews
from newsletter.web.desk.publication_choice import chosen_publication


@desk("GET", "HEAD")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the open issues by publication."""
    return show_home(request)


def show_home(request: HttpRequest, form_error: FormError | None = None) -> HttpResponse:
    """Show the first page, with any error beside the form of its publication."""
    found = publication_overviews(chosen_publication(request) if form_error is None else None)
    return show(
        request,
        "home/home",
        status=form_error.status if form_error else 200,
        overviews=found,
        waiting=sum(overview.waiting for overview in found),
        live=any(row.is_live for overview in found for row in overview.rows),
        form_error=form_error,
    )
