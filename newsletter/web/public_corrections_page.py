"""The public list of everything that a publication has corrected, and how it corrects mistakes."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from newsletter.issues.article_corrections import corrections_of_publication
from newsletter.issues.models import Publication
from newsletter.web.corrections_for_readers import corrections_url, shown
from newsletter.web.public_archive import finished, found_publication, page_number
from subscribers.views.public_page import show

PER_PAGE = 50


@require_safe
def corrections(request: HttpRequest, slug: str) -> HttpResponse:
    """List every correction to what a publication has sent, and say how it corrects mistakes."""
    found = found_publication(slug)
    closed = found.archive == Publication.Archive.SUBSCRIBERS
    every = corrections_of_publication(found)
    total = 0 if closed else every.count()
    page = min(page_number(request), max(1, -(-total // PER_PAGE)))
    rows = [] if closed else every[(page - 1) * PER_PAGE : page * PER_PAGE]
    response = show(
        request,
        "corrections",
        found.language,
        publication=found,
        address=corrections_url(found),
        closed=closed,
        corrections=shown(rows, found),
        newer=f"?page={page - 1}" if page > 1 else "",
        older=f"?page={page + 1}" if page * PER_PAGE < total else "",
    )
    return finished(request, response, found)
