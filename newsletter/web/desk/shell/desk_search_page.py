"""The search of the desk: the list that the command palette shows while somebody types, and a page without scripts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from newsletter.web.desk.desk_page import desk, desk_fragment, show
from newsletter.web.desk.navigation import navigation
from newsletter.web.desk.shell.desk_search import LONGEST_TEXT, find


@desk("GET", "HEAD")
def find_page(request: HttpRequest) -> HttpResponse:
    """Show what was found as a page."""
    text = request.GET.get("q", "")[:LONGEST_TEXT]
    groups = find(text, navigation(request), debug=settings.DEBUG)
    return show(request, "shell/find", text=text, groups=groups)


@desk("GET", "HEAD")
def find_list(request: HttpRequest) -> HttpResponse:
    """Show what was found as the list of the command palette."""
    text = request.GET.get("q", "")[:LONGEST_TEXT]
    groups = find(text, navigation(request), debug=settings.DEBUG)
    return desk_fragment(request, "shell/find_list", text=text, groups=groups)


@desk("GET", "HEAD")
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Show the keyboard shortcuts as a page."""
    return show(request, "shell/shortcuts", without_shortcuts=True)
