"""Response headers for the admin: browsers run only our own scripts and store nothing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

# The pages of the admin have no inline scripts or styles (checked by tests/journeys/test_administration.py).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def admin_headers(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Make middleware that adds the headers to every admin page, including those that Django marks as cacheable."""

    def guarded(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.path_info.startswith(reverse("admin:index")):
            response.headers.setdefault("Content-Security-Policy", POLICY)
            # Django lets browsers cache its JavaScript translations for an hour.
            response.headers.pop("Expires", None)
            add_never_cache_headers(response)
        return response

    return guarded
