"""The activity page: the audit log of all publications or of one, page by page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from newsletter.issues.issue_audit import entries
from newsletter.issues.models import Publication
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.desk_urls import publication_at

ENTRIES_PER_PAGE = 50


@desk("GET", "HEAD")
def audit(request: HttpRequest) -> HttpResponse:
    """Show one page of the audit log, newest entries first."""
    slug = request.GET.get("publication", "")
    publication = publication_at(slug) if slug else None
    found = entries(publication=publication).select_related("issue__publication", "publication")
    page = Paginator(found, ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        "shell/activity",
        page=page,
        chosen=publication,
        publications=list(Publication.objects.order_by("name")),
    )
