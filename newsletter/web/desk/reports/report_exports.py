"""Downloads of a report: its links, and for administrators its people."""

import csv
from collections.abc import Iterable, Iterator
from typing import cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.errors import NotFound, refuse_if
from newsletter.issues.models import Issue
from newsletter.sending.plan import find_mailing
from newsletter.tracking.export_report import rows_of_links, rows_of_people, why_not_export_people
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.reports.report_view import report_view


class _Line:
    """A file to which a CSV writer writes one line at a time."""

    def write(self, text: str) -> str:
        """Return the line itself."""
        return text


@desk("GET", "HEAD")
def links(_request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Download the links of an email with their figures, as CSV."""
    issue = issue_at(slug, number)
    return _download(issue, "links", rows_of_links(report_view(issue).links))


@desk("POST", page="report")
def people(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Download the people of a mailing and what each did, as CSV, and record that in the audit log."""
    issue = issue_at(slug, number)
    refuse_if(why_not_export_people(issue))
    require_recent_sign_in(request)
    mailing = find_mailing(issue)
    if mailing is None:
        raise NotFound(f"{issue} has not been sent, so it has no report yet.")
    return _download(issue, "people", rows_of_people(issue, mailing))


def _download(issue: Issue, what: str, rows: Iterable[list[str]]) -> HttpResponse:
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    name = f"{issue.publication.slug}-{issue.number}-{what}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    # What the two classes share is all that a view's wrapper uses.
    return cast("HttpResponse", response)


def _lines(rows: Iterable[list[str]]) -> Iterator[bytes]:
    # A spreadsheet reads UTF-8 only with this mark.
    yield "\ufeff".encode()
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow(row).encode()
