"""The signatures that a publication demands before approval: for each topic, whose."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from newsletter.articles.search_articles import sentences_about_unused_topics, topics_in_use
from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.models import Publication
from newsletter.proof.signature_demands import (
    MOST_DEMANDS,
    WantedDemand,
    change_signature_demands,
    demands_of,
    demands_version,
)
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import status_of
from newsletter.web.desk.settings.publication_pages import administered_publication

EMPTY_ROWS = 3


@desk("GET", "HEAD", "POST")
def signature_demands(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the signatures that are needed, or save them."""
    publication = administered_publication(slug)
    if request.method != "POST":
        return _form(request, publication, _stored(publication))
    typed = _typed(request.POST)
    try:
        changed = change_signature_demands(publication, typed, seen=request.POST.get("seen"))
    except NewsletterError as error:
        return _form(request, publication, typed, error=error)
    page = f"{reverse('desk:publication-settings', args=[slug])}#signatures"
    said = "The required signatures were saved." if changed else "Nothing was changed."
    unused = sentences_about_unused_topics(row.topic for row in typed)
    return done(request, " ".join([said, *unused.values()]), page)


def _stored(publication: Publication) -> list[WantedDemand]:
    return [WantedDemand(each.topic, each.name, each.address) for each in demands_of(publication)]


def _typed(form: QueryDict) -> list[WantedDemand]:
    """Return the rows of the form that are not empty."""
    rows = [
        WantedDemand(*(form.get(f"{name}-{number}", "").strip() for name in ("topic", "name", "address")))
        for number in range(1, MOST_DEMANDS + EMPTY_ROWS + 1)
    ]
    return [row for row in rows if row.topic or row.name or row.address]


def _form(
    request: HttpRequest,
    publication: Publication,
    rows: Sequence[WantedDemand],
    *,
    error: NewsletterError | None = None,
) -> HttpResponse:
    errors = error.fields if isinstance(error, InvalidFields) else {}
    empty = [WantedDemand("", "", "")] * EMPTY_ROWS
    return show(
        request,
        "settings/signatures_needed",
        status=status_of(error) if error else 200,
        publication=publication,
        rows=list(enumerate([*rows, *empty], start=1)),
        topics=topics_in_use(),
        unused=sentences_about_unused_topics(row.topic for row in rows),
        errors=errors,
        problem="" if error is None or errors else str(error),
        stored=_stored(publication),
        seen=demands_version(publication),
    )
