"""The public archive of the issues that were sent."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from newsletter.errors import NotFound
from newsletter.issues.models import Publication
from newsletter.sending import published_issues
from subscribers.views.public_page import show

# An email is sanitised before it is stored. As a second defence, the browser runs no script in it and submits no form.
EMAIL_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class NoSuchPage(Http404):
    """Nothing is published at this URL. The message tells a reader why."""


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """List every publication with its latest issue."""
    publications = [
        (each, published_issues.published_issues(each).first()) for each in published_issues.publications()
    ]
    return show(request, "front_page", publications=publications)


@require_safe
def publication(request: HttpRequest, slug: str) -> HttpResponse:
    """List the issues of one publication."""
    found = _found(slug)
    return show(
        request,
        "archive",
        found.language,
        publication=found,
        list=found.mailing_list,
        issues=list(published_issues.published_issues(found)[:200]),
    )


@require_safe
def issue(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one issue as it was sent.

    A signed `reader` fills in the reader's data. A signed `trial` shows an issue that has not been sent.
    """
    reader, trial = request.GET.get("reader", ""), request.GET.get("trial", "")
    try:
        email = published_issues.email_online(_found(slug), number, reader, trial=trial)
    except NotFound as error:
        raise NoSuchPage(str(error)) from error
    response = HttpResponse(email.html)
    response["Content-Security-Policy"] = EMAIL_POLICY
    response["Content-Language"] = email.language
    response["Referrer-Policy"] = "no-referrer"
    if reader or trial:
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "private, no-store"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the 404 page."""
    # Django's own message lists URL patterns, which do not help a reader.
    sentence = str(exception) if isinstance(exception, NoSuchPage) else ""
    return show(request, "not_found", status=404, sentence=sentence)


def _found(slug: str) -> Publication:
    try:
        return published_issues.publication_at(slug)
    except NotFound as error:
        raise NoSuchPage(str(error)) from error
