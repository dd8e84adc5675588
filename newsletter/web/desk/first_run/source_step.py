"""The sources of the first run: somebody enters the address of a site and chooses among the feeds that it offers."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.actor import Role, require_role
from newsletter.articles.discover_sources import SourcePreview, add_chosen, preview_sources
from newsletter.errors import NewsletterError
from newsletter.first_run.first_steps import own_publication, own_sources
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.first_run.start_page import SETTING_UP
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.formatting import without_commands

MAX_ADDRESSES = 20


@desk("GET", "HEAD")
def source(request: HttpRequest) -> HttpResponse:
    """Ask for the address of a site, and show the sources that were added."""
    require_role(Role.EDITOR, SETTING_UP)
    found = own_publication()
    return _page(request, address=found.website if found and not own_sources().exists() else "")


@desk("POST", page="start-source")
def find(request: HttpRequest) -> HttpResponse:
    """Show what can be read at an address, with the newest titles. Nothing is added yet."""
    require_role(Role.EDITOR, SETTING_UP)
    address = request.POST.get("address", "").strip()
    try:
        found = preview_sources(address)
    except NewsletterError as error:
        return _page(request, address=address, form_error=FormError.of(error, "find", {"address": address}))
    return _page(request, address=address, found=found)


@desk("POST", page="start-source")
def add(request: HttpRequest) -> HttpResponse:
    """Add the chosen sources, and lead on to their articles. What cannot be added is shown with the reason."""
    require_role(Role.EDITOR, SETTING_UP)
    address = request.POST.get("address", "").strip()
    chosen = request.POST.getlist("source")[:MAX_ADDRESSES]
    if not chosen:
        error = FormError("add", "Choose at least one source, or skip this step.", 422, {"address": address})
        return _page(request, address=address, form_error=error)
    refused = add_chosen(chosen).refused
    if refused:
        error = FormError("add", without_commands(refused[0].error), 422, {"address": address})
        return _page(request, address=address, found=refused, form_error=error)
    return HttpResponseRedirect(reverse("desk:start-articles"), status=303)


def _page(
    request: HttpRequest,
    *,
    address: str,
    found: Sequence[SourcePreview] | None = None,
    form_error: FormError | None = None,
) -> HttpResponse:
    return show(
        request,
        "first_run/source",
        status=form_error.status if form_error else 200,
        address=address,
        found=found,
        sources=list(own_sources()[:MAX_ADDRESSES]),
        form_error=form_error,
    )
