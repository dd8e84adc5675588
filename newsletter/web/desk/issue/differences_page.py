"""What differs between the email of an issue and the approved one, that of the last issue, or the articles’ sites."""

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NewsletterError
from newsletter.issues.page_urls import issue_path
from newsletter.preflight.differences.compare_issue import Other, compare_issue
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part

LABELS = {
    Other.APPROVED: "Approved email",
    Other.LAST: "Last issue",
    Other.SITE: "Articles’ sites",
}


@desk("GET", "HEAD")
def differences(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show in words what differs. `with` names what the email is compared with."""
    issue = fresh_issue(issue_at(slug, number))
    wanted = request.GET.get("with", "")
    other = Other(wanted) if wanted in set(Other) else Other.APPROVED
    comparison, problem = None, ""
    try:
        comparison = compare_issue(issue, other)
    except NewsletterError as error:
        problem = str(error)
    here = issue_path(issue, "differences")
    return show_part(
        request,
        issue_header(issue),
        "review",
        template="differences",
        comparison=comparison,
        problem=problem,
        others=[(each.value, LABELS[each], f"{here}?with={each.value}") for each in Other],
        other=other.value,
    )
