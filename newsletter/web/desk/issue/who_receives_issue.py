"""Who will receive the issue: the numbers, and the people behind each of them, page by page."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from newsletter.errors import NotFound
from newsletter.issues.change_locks import why_not_change
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.preflight.all_checks import COUNTING, check_issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.overrule_error import why_not_overrule
from newsletter.sending.audience import audience_is_large, audience_words
from newsletter.sending.audience_by_name import AudienceGroup, GroupSize, group_sizes, people_in
from newsletter.sending.left_out_by_basis import sentences_about_bases
from newsletter.web.desk.desk_page import desk, is_htmx, partial
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, part_context, show_part
from newsletter.web.desk.issue.shown_findings import shown_findings
from subscribers.whole_numbers import whole_number


@desk("GET", "HEAD")
def audience(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show how many people will receive the issue, and how many on its list will not, and why."""
    issue = fresh_issue(issue_at(slug, number))
    if not is_htmx(request):
        return HttpResponseRedirect(f"{issue_path(issue, 'review')}?count=1#audience", status=303)
    context = {"issue": issue, "publication": issue.publication, **audience_context(issue)}
    if "words" in request.GET:
        return partial(request, "issue/audience_words", **context)
    return partial(request, "issue/review_audience", **context, **_findings_about(issue, context["people"]))


@desk("GET", "HEAD")
def people(request: HttpRequest, slug: str, number: int, group: str) -> HttpResponse:
    """Show one page of the people in a group of the audience, with the reasons of those who are left out."""
    issue = fresh_issue(issue_at(slug, number))
    if group not in set(AudienceGroup):
        raise NotFound("This group does not exist. Go back to Review and choose another.")
    after = request.GET.get("after", "")
    page = people_in(issue, AudienceGroup(group), after=whole_number(after) or 0)
    header = issue_header(issue)
    context: dict[str, Any] = {"page": page, "group": AudienceGroup(group), "is_first": not after}
    if is_htmx(request):
        return partial(request, "issue/review_people_rows", **part_context(header, "review"), **context)
    return show_part(request, header, "review", template="review_people", **context)


def audience_context(issue: Issue) -> dict[str, Any]:
    """Return how many people would receive the issue, the sizes of the groups on its list, and the sentence."""
    sizes = group_sizes(issue)
    receives = next(each.count for each in sizes if each.group is AudienceGroup.RECEIVES)
    return {
        "people": receives,
        "sizes": sizes,
        "audience_words": audience_words(issue, receives),
        "on_list": sum(each.count for each in sizes),
        "left_out": _by_basis(issue, sizes),
    }


def _by_basis(issue: Issue, sizes: list[GroupSize]) -> list[str]:
    return sentences_about_bases(issue) if any(each.group is AudienceGroup.BASIS for each in sizes) else []


def _findings_about(issue: Issue, people: int) -> dict[str, Any]:
    """Return what the checks find about the number of people, if the page of the review did not wait for that."""
    if why_not_change(issue, "changed") or not audience_is_large(issue):
        return {}
    checked = CheckedIssue(issue, people=people)
    found = shown_findings(issue, check_issue(checked, only=COUNTING))
    return {
        # They stand in the place to which they would lead.
        "counted_findings": [replace(each, href="") for each in found],
        "can_overrule": not why_not_overrule(issue),
    }
