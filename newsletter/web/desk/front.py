"""The first page of the desk: what waits for whoever comes in."""

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NewsletterError
from newsletter.issues.compose import compose
from newsletter.issues.page_urls import issue_path
from newsletter.web.desk.dashboard import shelves
from newsletter.web.desk.desk_urls import publication_at
from newsletter.web.desk.page import Trouble, desk, done, show


@desk("GET", "HEAD")
def front(request: HttpRequest) -> HttpResponse:
    """What waits, by publication."""
    return _front(request)


@desk("POST")
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft the next issue of a publication."""
    publication = publication_at(slug)
    try:
        issue = compose(publication)
    except NewsletterError as error:
        return _front(request, Trouble.of(error, slug, {}))
    return done(request, "Drafted from the latest articles.", issue_path(issue))


def _front(request: HttpRequest, trouble: Trouble | None = None) -> HttpResponse:
    found = shelves()
    return show(
        request,
        "front",
        status=trouble.status if trouble else 200,
        shelves=found,
        waiting=sum(shelf.waiting for shelf in found),
        live=any(row.moves for shelf in found for row in shelf.rows),
        trouble=trouble,
    )
