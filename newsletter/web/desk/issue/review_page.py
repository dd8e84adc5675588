"""The part “Review”: what stands between the issue and sending, who will receive it, and what was done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from newsletter.issues import issue_audit
from newsletter.issues.chosen_audience import choice_for, in_words
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.sending.review import Finding, Level, Spot
from newsletter.sending.review_checks import review as findings_of
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part
from newsletter.web.desk.issue.review_people import audience_context

ENTRIES = 30
TONES = {Level.STOPS: "alarm", Level.SERIOUS: "warn", Level.WORTH_A_LOOK: "neutral"}
# The pages to which “Show me” leads.
PAGES = {"contents": "issue", "details": "details", "review": "review", "send": "send"}


@dataclass(frozen=True, slots=True)
class ShownThing:
    """One of several things of a finding, with the address where it can be mended."""

    title: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding as the page shows it. `href` leads to the spot where it can be mended, and may be empty."""

    label: str
    tone: str
    sentence: str
    href: str
    things: Sequence[ShownThing] = ()


@desk("GET", "HEAD")
def review(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the review of an issue."""
    header = issue_header(fresh_issue(issue_at(slug, number)))
    issue = header.issue
    findings = [_shown(issue, each) for each in findings_of(issue)] if header.to_come else []
    return show_part(
        request,
        header,
        "review",
        findings=findings,
        stops=sum(each.tone == TONES[Level.STOPS] for each in findings),
        can_choose_audience=header.to_come and not why_not_edit(issue),
        whom=_whom(issue) if header.to_come else "",
        history=list(issue_audit.entries(issue=issue)[:ENTRIES]),
        # Otherwise htmx asks for the numbers by itself, or a link without scripts.
        **(audience_context(issue) if header.to_come and "count" in request.GET else {}),
    )


def _whom(issue: Issue) -> str:
    """Return the words for the audience, or an empty string for everybody on the list, as the figures below say."""
    choice = choice_for(issue)
    return "" if choice.is_everybody else in_words(choice, issue.publication)


def address_of(issue: Issue, spot: Spot) -> str:
    """Return the address of a spot, or an empty string if no page of the issue can mend it."""
    page = PAGES.get(spot.part)
    if page is None:
        return ""
    if spot.article and spot.field:
        # The panel of the article is open there, with its fields.
        opened = urlencode({"edit": f"article:{spot.article}"})
        return f"{issue_path(issue, page)}?{opened}#edit-{spot.field}"
    anchor = f"entry-article-{spot.article}" if spot.article else spot.field
    return issue_path(issue, page) + (f"#{anchor}" if anchor else "")


def _shown(issue: Issue, finding: Finding) -> ShownFinding:
    return ShownFinding(
        finding.level.label,
        TONES[finding.level],
        finding.sentence,
        address_of(issue, finding.spot),
        [ShownThing(each.title, each.note, address_of(issue, each.spot)) for each in finding.things],
    )
