"""The state of an issue in a few characters, which open pages ask for every few seconds to follow it."""

from django.db.models import Max
from django.http import HttpRequest, HttpResponse

from newsletter.issues.models import AuditEntry
from newsletter.sending.models import Batch
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_header import IssueHeader, issue_header


def fingerprint(header: IssueHeader) -> str:
    """Return a value that changes whenever anybody, or the scheduler, does something to the issue or its mailing."""
    last = AuditEntry.objects.filter(issue=header.issue).aggregate(last=Max("pk"))["last"]
    parts = [header.issue.state, last or 0]
    if header.schedule is not None:
        parts.append(f"{header.schedule.due_at:%Y%m%d%H%M%S}")
    if header.mailing is not None:
        done = Batch.objects.filter(state=Batch.State.ANSWERED, mailing=header.mailing).count()
        in_doubt = Batch.objects.filter(state=Batch.State.UNKNOWN, mailing=header.mailing).count()
        parts += [header.mailing.state, done, in_doubt]
    return "-".join(map(str, parts))


@desk("GET", "HEAD")
def state(_request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Answer with the fingerprint of the issue now, and whether it can still be changed."""
    header = issue_header(issue_at(slug, number))
    response = HttpResponse(fingerprint(header), content_type="text/plain; charset=utf-8")
    response["X-Issue-To-Come"] = "yes" if header.to_come else "no"
    return response
