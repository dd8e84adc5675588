"""What browsers may do with the pages of the administration: run what is ours alone, and keep nothing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

# Its scripts and styles are files, and its pages hold none (tests/journeys/test_administration.py looks).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guarding_administration(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add the headers to every page of the administration, also to those that Django lets be kept."""

    def guarded(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.path_info.startswith(reverse("admin:index")):
            response.headers.setdefault("Content-Security-Policy", POLICY)
            # Django lets its catalogue of words be kept for an hour.
            response.headers.pop("Expires", None)
            add_never_cache_headers(response)
        return response

    return guarded
