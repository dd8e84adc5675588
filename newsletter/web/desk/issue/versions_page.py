"""The versions of an issue: a list of them, and what differs between one and the version before, or the present one."""

from django.http import HttpRequest, HttpResponse

from newsletter.issues.issue_version_diff import Difference, version_changes
from newsletter.issues.issue_version_models import IssueVersion
from newsletter.issues.issue_versions import (
    newest_version,
    state_seen,
    version_at,
    version_before,
    versions_of,
)
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, part_context
from subscribers.whole_numbers import whole_number

ON_A_PAGE = 50
NOW = "now"


@desk("GET", "HEAD")
def versions(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """List the versions of an issue, newest first. `before` is the number of the version where the page begins."""
    header = issue_header(fresh_issue(issue_at(slug, number)))
    written = request.GET.get("before", "")
    before = whole_number(written, digits=9)  # a column holds no more
    found = versions_of(header.issue, before=before, at_most=ON_A_PAGE + 1)
    more = len(found) > ON_A_PAGE
    return show(
        request,
        "issue/versions",
        **part_context(header, "versions"),
        versions=found[:ON_A_PAGE],
        older=found[ON_A_PAGE - 1].number if more else None,
        is_first_page=before is None,
        newest=newest_version(header.issue),
    )


@desk("GET", "HEAD")
def version(request: HttpRequest, slug: str, number: int, version: int) -> HttpResponse:
    """Show what a version changed, or with `with=now` what changed since."""
    header = issue_header(fresh_issue(issue_at(slug, number)))
    found = version_at(header.issue, version)
    newest = newest_version(header.issue)
    since = request.GET.get("with") == NOW
    return show(
        request,
        "issue/versions_one",
        **part_context(header, "versions"),
        version=found,
        newest=newest,
        seen=state_seen(header.issue),
        since=since,
        differences=_since(found, newest) if since else _changed_by(found),
    )


def _changed_by(version: IssueVersion) -> list[Difference]:
    previous = version_before(version)
    return version_changes(previous.snapshot, version.snapshot) if previous else []


def _since(version: IssueVersion, newest: int) -> list[Difference]:
    return version_changes(version.snapshot, version_at(version.issue, newest).snapshot)
