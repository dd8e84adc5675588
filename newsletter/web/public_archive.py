"""The public archive: what went out, for anybody to read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from newsletter.errors import NotFound
from newsletter.issues.models import Publication
from newsletter.sending import published_issues
from subscribers.views.public_page import show

# A letter is sanitised before it is stored; in the browser, too, nothing in it may run or be sent anywhere.
EMAIL_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class NoSuchPage(Http404):
    """Nothing is published at an address, and why, in a sentence for a reader."""


@require_safe
def front_page(request: HttpRequest) -> HttpResponse:
    """Every publication, each with its newest issue."""
    shelves = [
        (each, published_issues.published_issues(each).first()) for each in published_issues.publications()
    ]
    return show(request, "front_page", shelves=shelves)


@require_safe
def publication(request: HttpRequest, slug: str) -> HttpResponse:
    """The issues of one publication."""
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
    """One issue as it went out; a signed `reader` fills in who reads, a signed `trial` shows it before."""
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
    """A page for an address where nothing is."""
    # What Django itself says of an address names its patterns, which nobody can read.
    sentence = str(exception) if isinstance(exception, NoSuchPage) else ""
    return show(request, "not_found", status=404, sentence=sentence)


def _found(slug: str) -> Publication:
    try:
        return published_issues.publication_at(slug)
    except NotFound as error:
        raise NoSuchPage(str(error)) from error
