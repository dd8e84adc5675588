"""Who will receive the issue: the numbers, and the people behind each of them, page by page."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from newsletter.errors import NotFound
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.sending.audience import audience_words
from newsletter.sending.audience_by_name import AudienceGroup, group_sizes, people_in
from newsletter.web.desk.desk_page import desk, is_htmx, partial
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, part_context, show_part


@desk("GET", "HEAD")
def audience(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show how many people will receive the issue, and how many on its list will not, and why."""
    issue = fresh_issue(issue_at(slug, number))
    if not is_htmx(request):
        return HttpResponseRedirect(f"{issue_path(issue, 'review')}?count=1#audience", status=303)
    template = "issue/audience_words" if "words" in request.GET else "issue/review_audience"
    return partial(request, template, issue=issue, publication=issue.publication, **audience_context(issue))


@desk("GET", "HEAD")
def people(request: HttpRequest, slug: str, number: int, group: str) -> HttpResponse:
    """Show one page of the people in a group of the audience, with the reasons of those who are left out."""
    issue = fresh_issue(issue_at(slug, number))
    if group not in set(AudienceGroup):
        raise NotFound("This group does not exist. Go back to Review and choose another.")
    after = request.GET.get("after", "")
    page = people_in(
        issue, AudienceGroup(group), after=int(after) if after.isascii() and after.isdigit() else 0
    )
    header = issue_header(issue)
    context: dict[str, Any] = {"page": page, "group": AudienceGroup(group), "is_first": not after}
    if is_htmx(request):
        return partial(request, "issue/review_people_rows", **part_context(header, "review"), **context)
    return show_part(request, header, "review", template="review_people", **context)


def audience_context(issue: Issue) -> dict[str, Any]:
    """Return the sizes of the groups on the issue's list, and the sentence about them."""
    sizes = group_sizes(issue)
    receives = next(each.count for each in sizes if each.group is AudienceGroup.RECEIVES)
    return {
        "sizes": sizes,
        "audience_words": audience_words(issue, receives),
        "on_list": sum(each.count for each in sizes),
    }
