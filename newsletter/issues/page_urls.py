"""Addresses of pages about issues: where readers read them, and where editors work on them.

Each is built here alone, from the names in the URL configuration. Links in emails that were sent must work for good.
"""

from django.conf import settings
from django.urls import reverse

from newsletter.issues.models import Issue, Publication


def absolute_url(path: str) -> str:
    """Return the whole address of a path of this installation, such as /desk/."""
    return f"{settings.NEWSLETTER.root_url}{path}"


def read_online_url(publication: Publication, number: int, query: str = "") -> str:
    """Return the address where an issue is read in a browser; `query` names a reader or a test send."""
    address = absolute_url(reverse("read-online", args=[publication.slug, number]))
    return f"{address}?{query}" if query else address


def desk_path() -> str:
    """Return the path of the desk's first page."""
    return reverse("desk:dashboard")


def issue_path(issue: Issue, page: str = "issue") -> str:
    """Return the path of the page of an issue on the desk, or of another page about it."""
    return reverse(f"desk:{page}", args=[issue.publication.slug, issue.number])


def series_path(publication: Publication) -> str:
    """Return the path of the page on the desk about a publication's recurring issues."""
    return reverse("desk:series", args=[publication.slug])
