"""The button that drafts the next issue of a publication."""

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NewsletterError
from newsletter.issues.compose import compose
from newsletter.issues.page_urls import issue_path
from newsletter.web.desk.desk_page import FormError, desk, done
from newsletter.web.desk.desk_urls import publication_at
from newsletter.web.desk.home.home_page import show_home


@desk("POST", page="dashboard")
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Draft the next issue of a publication."""
    publication = publication_at(slug)
    try:
        issue = compose(publication)
    except NewsletterError as error:
        return show_home(request, FormError.of(error, slug, {}))
    return done(request, "We drafted the issue from the latest articles.", issue_path(issue))
