"""The pages for addresses that do not exist, refused requests, and failures: the desk's own, or the readers'."""

from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import engines
from django.templatetags.static import static
from django.utils import timezone
from django.views import defaults

from newsletter.issues.page_urls import absolute_url, desk_path
from newsletter.web import public_archive
from newsletter.web.desk.desk_page import show_failure
from newsletter.web.desk.render_template import POLICY


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the 404 page."""
    if not _is_for_the_desk(request):
        return public_archive.not_found(request, exception)
    return show_failure(
        request, 404, "This page does not exist. If you typed the address, check it for mistakes."
    )


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the 403 page."""
    user = getattr(request, "user", None)
    if not _is_for_the_desk(request) and not (user and user.is_authenticated):
        return defaults.permission_denied(request, exception)
    return show_failure(
        request, 403, "Your role does not allow this. If you need to do it, ask an administrator."
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the 400 page: what was sent is too large or damaged, or went to a name that is not ours."""
    if not _is_for_the_desk(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        return show_failure(
            request,
            400,
            f"This newsletter is not available at this address. Open {absolute_url(desk_path())} instead.",
        )
    return show_failure(
        request,
        400,
        "The data that your browser sent was too large or damaged, so nothing was changed. Go back and try again.",
    )


def too_often(request: HttpRequest) -> HttpResponse:
    """Show the 429 page."""
    return show_failure(request, 429, "You have tried this too many times. Wait a minute, then try again.")


def failed(request: HttpRequest, *_arguments: Any) -> HttpResponse:
    """Show the page for a failure. It works when the database is away, so it knows nobody and has no navigation."""
    if not _is_for_the_desk(request):
        return defaults.server_error(request)
    html = (
        engines["jinja2"]
        .get_template("desk/shell/failed.html")
        .render(
            {
                "static": static,
                "home": desk_path(),
                "again": request.path if request.method in {"GET", "HEAD"} else desk_path(),
                "at": f"{timezone.now():%H:%M} UTC",
            }
        )
    )
    response = HttpResponseServerError(html)
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-store"
    return response


def _is_for_the_desk(request: HttpRequest) -> bool:
    return request.path.startswith(desk_path())
