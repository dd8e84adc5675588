"""The list of sources with what their last fetches did, adding one by the address of a site, and exporting them."""

from collections.abc import Sequence

from django.db.models import Case, Q, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.articles.add_source import why_not_add_sources
from newsletter.articles.discover_sources import SourcePreview, add_chosen, preview_sources
from newsletter.articles.fetch_now_pause_resume import (
    ask_to_fetch,
)
from newsletter.articles.import_and_export_opml import exported_feeds
from newsletter.articles.sources import (
    active_sources,
)
from newsletter.errors import NewsletterError, refuse_if
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.articles.source_row import row_of
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.formatting import without_commands
from newsletter.web.desk.numbered_page import numbered_page

MAX_ADDRESSES = 20
SOURCES_PER_PAGE = 100


@desk("GET", "HEAD")
def sources(request: HttpRequest) -> HttpResponse:
    """Show all sources, those that need attention first."""
    return show_sources(request, address=request.GET.get("address", ""))


@desk("POST", page="sources")
def find(request: HttpRequest) -> HttpResponse:
    """Show what can be read at an address, with the newest titles. Nothing is added yet."""
    address = request.POST.get("address", "").strip()
    try:
        found = preview_sources(address)
    except NewsletterError as error:
        return show_sources(
            request, address=address, form_error=FormError.of(error, "find", {"address": address})
        )
    return show_sources(request, address=address, found=found)


@desk("POST", page="sources")
def add(request: HttpRequest) -> HttpResponse:
    """Add the chosen feeds, and ask for their first fetch."""
    refuse_if(why_not_add_sources())
    address = request.POST.get("address", "").strip()
    chosen = request.POST.getlist("source")[:MAX_ADDRESSES]
    if not chosen:
        nothing = FormError("add", "Choose at least one feed.", 422, {"address": address})
        return show_sources(request, address=address, form_error=nothing)
    result = add_chosen(chosen)
    for each in result.added:
        ask_to_fetch(each)
    if result.refused:
        sentence = without_commands(" ".join(each.error for each in result.refused))
        return show_sources(
            request, address=address, form_error=FormError("add", sentence, 422, {"address": address})
        )
    added = result.added
    names = ", ".join(f"“{source}”" for source in added)
    said = (
        f"{names} {'was' if len(added) == 1 else 'were'} added. We are fetching the articles."
        if added
        else "You already have this source."
    )
    return done(request, said, reverse("desk:sources") + (f"#source-{added[0].pk}" if added else ""))


@desk("GET", "HEAD")
def export(_request: HttpRequest) -> HttpResponse:
    """Return the sources as an OPML file, which other feed readers can read."""
    response = HttpResponse(exported_feeds(), content_type="text/x-opml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="sources.opml"'
    return response


def show_sources(
    request: HttpRequest,
    *,
    address: str = "",
    found: Sequence[SourcePreview] | None = None,
    form_error: FormError | None = None,
) -> HttpResponse:
    """Show the list of sources, with any error beside the form it belongs to."""
    dates = Dates(request)
    needs_attention = Q(failing_since__isnull=False) | Q(changed_since__isnull=False)
    ordered = active_sources().order_by(Case(When(needs_attention, then=0), default=1), "title", "name")
    listed, links = numbered_page(request, ordered, per_page=SOURCES_PER_PAGE)
    return show(
        request,
        "articles/sources",
        status=form_error.status if form_error else 200,
        rows=[row_of(each, dates) for each in listed],
        page=links.page,
        links=links,
        address=address,
        found=found,
        form_error=form_error,
    )
