"""Undoing one change of an issue, and restoring an earlier version of it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.issues.issue_versions import newest_version
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.issues.restore_version import restore_version, undo_change
from newsletter.web.desk.desk_page import Undo, desk, done
from newsletter.web.desk.find_by_url import issue_at

# The pages to which “Undo” may lead back.
PAGES = ("issue", "details", "review", "send", "versions", "proof")


def undo_of(issue: Issue, page: str = "issue", *, anchor: str = "") -> Undo:
    """Return the “Undo” for the change that was made last, for `done`. It leads back to a part of the issue's page.

    Call it right after the change. `anchor` is the id of the changed thing on that page.
    """
    number = newest_version(issue)
    path = reverse("desk:undo", args=[issue.publication.slug, issue.number, number])
    return Undo(path, {"page": page, "anchor": anchor})


@desk("POST", page="versions")
def undo(request: HttpRequest, slug: str, number: int, version: int) -> HttpResponse:
    """Undo the change of one version."""
    issue = issue_at(slug, number)
    gone = undo_change(issue, version)
    return done(request, " ".join(["The change was undone.", *gone]), _back(request, issue))


@desk("POST", page="version")
def restore(request: HttpRequest, slug: str, number: int, version: int) -> HttpResponse:
    """Restore a version."""
    issue = issue_at(slug, number)
    gone = restore_version(issue, version, seen=request.POST.get("seen"))
    sentence = " ".join([f"Version {version} was restored.", *gone])
    return done(request, sentence, issue_path(issue, "versions"), undo=undo_of(issue, "versions"))


def _back(request: HttpRequest, issue: Issue) -> str:
    page = request.POST.get("page", "issue")
    anchor = request.POST.get("anchor", "")
    path = issue_path(issue, page if page in PAGES else "issue")
    return f"{path}#{anchor}" if anchor.replace("-", "").isalnum() else path
