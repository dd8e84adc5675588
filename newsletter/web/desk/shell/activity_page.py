"""The activity page: the audit log of all publications or of one, page by page."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from newsletter.issues.issue_audit import entries
from newsletter.issues.models import AuditEntry
from newsletter.issues.page_urls import issue_path
from newsletter.issues.visible import visible_publications
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.desk_urls import publication_at

ENTRIES_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as the page shows it: in the time zone of its publication, with the names of what it is about.

    `path` leads to the issue, and is empty if the entry is about none, or the issue no longer exists.
    """

    entry: AuditEntry
    zone: ZoneInfo
    about: str
    path: str


@desk("GET", "HEAD")
def audit(request: HttpRequest) -> HttpResponse:
    """Show one page of the audit log, newest entries first."""
    slug = request.GET.get("publication", "")
    publication = publication_at(slug) if slug else None
    found = entries(publication=publication).select_related("issue__publication", "publication")
    page = Paginator(found, ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    zone = Dates(request).zone
    return show(
        request,
        "shell/activity",
        page=page,
        shown=[_shown(entry, zone) for entry in page.object_list],
        chosen=publication,
        publications=list(visible_publications().order_by("name")),
    )


def _shown(entry: AuditEntry, zone: ZoneInfo) -> ShownEntry:
    issue = entry.issue if entry.issue_id else None
    publication = entry.publication or (issue.publication if issue else None)
    about, path = entry.about, ""
    if issue is not None:
        about, path = f"{issue.publication.name} · No. {issue.number}", issue_path(issue)
    elif publication is not None:
        about = publication.name
    return ShownEntry(entry, publication.tzinfo if publication else zone, about, path)
