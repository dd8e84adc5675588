"""Adding many sources at once: from a list of feeds (OPML), of which somebody chooses."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.articles.add_source import why_not_add_sources
from newsletter.articles.formats.opml import ListedFeed
from newsletter.articles.import_and_export_opml import (
    FeedToChoose,
    ListImport,
    add_feeds,
    feeds_to_choose,
    list_in_upload,
)
from newsletter.errors import NewsletterError, refuse_if
from newsletter.http.web_addresses import without_credentials
from newsletter.web.desk.articles.source_list_pages import show_sources
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.formatting import without_commands
from newsletter.web.desk.tell_browser_form_was_received import FIELD
from subscribers.clean_text import folded
from subscribers.phrases import counted

# The page waits while they are read, several at the same time.
MOST_AT_ONCE = 50


@desk("POST", page="sources")
def read_list(request: HttpRequest) -> HttpResponse:
    """Show the feeds of a list that was pasted or uploaded, to choose from. Nothing is added yet."""
    text = request.POST.get("list", "")
    try:
        return _choose(request, feeds_to_choose(_uploaded(request) or text))
    except NewsletterError as error:
        return show_sources(request, form_error=FormError.of(error, "list", {"list": text}))


@desk("POST", page="sources")
def add_list(request: HttpRequest) -> HttpResponse:
    """Add the chosen feeds, fetch them, and say which could not be read."""
    refuse_if(why_not_add_sources())
    chosen = [_feed(each) for each in request.POST.getlist("feed")]
    if not chosen:
        nothing = FormError("list", "Choose at least one feed.", 422, {"list": ""})
        return show_sources(request, form_error=nothing)
    if len(chosen) > MOST_AT_ONCE:
        problem = (
            f"You can add {MOST_AT_ONCE} feeds at a time, not {len(chosen)}. "
            f"We have selected the first {MOST_AT_ONCE}. To add the others later, "
            "open the same list again. It shows which feeds you already have."
        )
        return _choose(request, [FeedToChoose(each, "") for each in chosen], problem=problem)
    result = add_feeds(chosen)
    failed = [
        (each.source.title or without_credentials(each.source.location), each.error)
        for each in result.reports
        if each.error
    ]
    failed += result.refused
    if failed:
        return show(
            request,
            "articles/source_list_added",
            status=422,
            said=_said(result),
            failed=[(title, without_commands(sentence)) for title, sentence in failed],
        )
    return done(request, _said(result), reverse("desk:sources"))


def _choose(request: HttpRequest, feeds: list[FeedToChoose], *, problem: str = "") -> HttpResponse:
    new = [each for each in feeds if not each.known]
    return show(
        request,
        "articles/source_list",
        status=422 if problem else 200,
        problem=problem,
        feeds=[(each, without_credentials(each.feed.address)) for each in feeds],
        new=len(new),
        most=MOST_AT_ONCE,
        # The form that kept the list in the browser is done with when the chosen feeds are stored.
        kept_as=request.POST.get(FIELD, ""),
    )


def _uploaded(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    return list_in_upload(file.read()) if isinstance(file, UploadedFile) else ""


def _feed(value: str) -> ListedFeed:
    """Return the feed that a box of the list means: an address, a space, and a title."""
    address, _space, title = value.partition(" ")
    return ListedFeed(address, folded(title))


def _said(result: ListImport) -> str:
    added = sum(not each.error for each in result.reports)
    known = counted(len(result.known), "was already a source", "were already sources")
    said = f"{counted(added, 'source was', 'sources were')} added."
    return f"{said} {known[:1].upper()}{known[1:]}." if result.known else said
