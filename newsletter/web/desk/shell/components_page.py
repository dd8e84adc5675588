"""The page that shows every component of the desk with its states. It exists only in debug mode."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from newsletter.errors import NotFound
from newsletter.web.desk.desk_page import Toast, Undo, desk, show


@desk("GET", "HEAD")
def components(request: HttpRequest) -> HttpResponse:
    """Show the components. Raises NotFound unless debug mode is on."""
    if not settings.DEBUG:
        raise NotFound("This page does not exist. If you typed the address, check it for mistakes.")
    return show(
        request, "shell/components", sample=Toast("The article was removed from this issue.", Undo("#"))
    )
