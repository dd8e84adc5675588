"""The part “Contents”: the articles of an issue, and those that were left out."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from newsletter.issues.articles_left_out import LeftOut, articles_left_out
from newsletter.issues.default_subject import headline
from newsletter.issues.item_order import is_printed, items_to_print
from newsletter.issues.models import Issue, Item
from newsletter.web.desk.desk_page import FormError, desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.issue_header import IssueHeader, issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part

FORMS = frozenset({"articles"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsView:
    """The articles of an issue in their order, those removed from it, and those that the selection left out."""

    items: list[tuple[Item, str]]
    left_out: list[tuple[Item, str]]
    passed_over: list[LeftOut]


@desk("GET", "HEAD")
def contents(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the contents of an issue."""
    return show_contents(request, issue_at(slug, number))


def show_contents(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    """Show the contents of an issue as they are now, with any error beside the form it belongs to."""
    header = issue_header(fresh_issue(issue))
    return show_part(request, header, "issue", forms=FORMS, form_error=form_error, view=contents_view(header))


def contents_view(header: IssueHeader) -> ContentsView:
    """Return what the part shows now."""
    issue = header.issue
    rows = issue.items.select_related("article")
    return ContentsView(
        items=[(item, headline(item)) for item in items_to_print(issue)],
        left_out=[(item, headline(item)) for item in rows if not is_printed(item)],
        passed_over=articles_left_out(issue) if header.to_come else [],
    )
