"""The part “Review”: what the checks find, what is still to do, who will receive the issue, and what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.issues import issue_audit
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.look_up_audience import choice_for, in_words
from newsletter.issues.models import Issue
from newsletter.issues.page_urls import issue_path
from newsletter.preflight.all_checks import check_issue
from newsletter.preflight.approval_steps import steps_before_sending
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place
from newsletter.preflight.link_results import known_in_words
from newsletter.preflight.open_links_job import ask_for_links, open_job
from newsletter.preflight.overrule_error import mend, overrule, take_back, why_not_overrule
from newsletter.preflight.run_preflight import with_decisions
from newsletter.preflight.tick_checklist import checklist_for, tick, why_not_tick
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import act_on_issue, fresh_issue, show_part
from newsletter.web.desk.issue.review_people import audience_context

ENTRIES = 30
TONES = {Level.ERROR: "alarm", Level.WARNING: "warn", Level.ADVICE: "neutral"}
# The pages to which “Show me” leads.
PAGES = {"contents": "issue", "details": "details", "review": "review", "send": "send"}


@dataclass(frozen=True, slots=True)
class ShownThing:
    """One of several things of a finding, with the address where it can be mended."""

    title: str
    note: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """A finding as the page shows it. `href` leads to the place where it can be mended, and may be empty."""

    label: str
    tone: str
    what: str
    why: str
    mend: str
    basis: Basis
    href: str
    fingerprint: str
    blocks: bool
    remedy: str
    overruled_because: str
    overruled_by: str
    things: Sequence[ShownThing] = ()


@dataclass(frozen=True, slots=True)
class ShownStep:
    """Something that somebody still has to do, with its address."""

    sentence: str
    href: str


@desk("GET", "HEAD")
def review(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the review of an issue."""
    return show_review(request, issue_at(slug, number))


def show_review(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    """Show the review of an issue, with what was wrong with a form of it."""
    header = issue_header(fresh_issue(issue))
    issue = header.issue
    to_come = header.to_come
    checked = CheckedIssue(issue)
    findings = with_decisions(issue, check_issue(checked)) if to_come else []
    steps = steps_before_sending(checked) if to_come else []
    return show_part(
        request,
        header,
        "review",
        form_error=form_error,
        findings=[_shown(issue, each) for each in findings],
        steps=[ShownStep(each.sentence, address_of(issue, each.place)) for each in steps],
        stops=any(each.stops for each in steps) or any(each.blocks_approval for each in findings),
        links_known=known_in_words(checked) if to_come else "",
        links_are_opened=to_come and open_job(issue) is not None,
        checklist=checklist_for(issue) if to_come else [],
        can_tick=to_come and not why_not_tick(issue),
        can_overrule=to_come and not why_not_overrule(issue),
        can_mend=to_come and not why_not_edit(issue),
        can_choose_audience=to_come and not why_not_edit(issue),
        whom=_whom(issue) if to_come else "",
        history=list(issue_audit.entries(issue=issue)[:ENTRIES]),
        # Otherwise htmx asks for the numbers by itself, or a link without scripts.
        **(audience_context(issue) if to_come and "count" in request.GET else {}),
    )


@desk("POST", page="review")
def overrule_finding(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Overrule an error for a reason, or let it block approval again."""

    def act(issue: Issue) -> str:
        fingerprint = request.POST.get("finding", "")
        if request.POST.get("again"):
            take_back(issue, fingerprint)
            return "The error blocks approval again."
        overrule(issue, fingerprint, request.POST.get("reason", ""))
        return "The error no longer blocks approval. Your reason is in the issue’s activity."

    return act_on_issue(request, issue_at(slug, number), "overrule", act, show_review, page="review")


@desk("POST", page="review")
def mend_finding(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Make the change that a finding offers."""

    def act(issue: Issue) -> str:
        return mend(issue, request.POST.get("finding", ""))

    return act_on_issue(request, issue_at(slug, number), "mend", act, show_review, page="review")


@desk("POST", page="review")
def check_links(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask that the links of the issue are opened."""

    def act(issue: Issue) -> str:
        ask_for_links(issue)
        return "We are opening the links. This takes a few seconds."

    return act_on_issue(
        request, issue_at(slug, number), "links", act, show_review, page="review", then="#links"
    )


@desk("POST", page="review")
def tick_sentence(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Tick a sentence of the checklist, or take the tick back."""

    def act(issue: Issue) -> str:
        is_true = request.POST.get("is") == "true"
        tick(issue, request.POST.get("sentence", ""), is_true=is_true)
        return "You confirmed that the sentence is true." if is_true else "The tick was removed."

    return act_on_issue(
        request, issue_at(slug, number), "checklist", act, show_review, page="review", then="#checklist"
    )


def _whom(issue: Issue) -> str:
    """Return the words for the audience, or an empty string for everybody on the list, as the figures below say."""
    choice = choice_for(issue)
    return "" if choice.is_everybody else in_words(choice, issue.publication)


def address_of(issue: Issue, place: Place) -> str:
    """Return the address of a place, or an empty string if no page can mend it."""
    if place.part == "settings":
        slug = issue.publication.slug
        return reverse(f"desk:publication-{place.field or 'settings'}", args=[slug])
    page = PAGES.get(place.part)
    if page is None:
        return ""
    if place.article and place.field:
        # The panel of the article is open there, with its fields.
        opened = urlencode({"edit": f"article:{place.article}"})
        return f"{issue_path(issue, page)}?{opened}#edit-{place.field}"
    if place.block:
        return issue_path(issue, page) + "#entry-block-" + place.block.replace("+", "own-")
    anchor = f"entry-article-{place.article}" if place.article else place.field
    return issue_path(issue, page) + (f"#{anchor}" if anchor else "")


def _shown(issue: Issue, finding: Finding) -> ShownFinding:
    return ShownFinding(
        label=finding.level.label,
        tone=TONES[finding.level],
        what=finding.what,
        why=finding.why,
        mend=finding.mend,
        basis=finding.basis,
        href=address_of(issue, finding.place),
        fingerprint=finding.fingerprint,
        blocks=finding.blocks_approval,
        remedy=finding.remedy.label if finding.remedy else "",
        overruled_because=finding.overruled_because,
        overruled_by=finding.overruled_by,
        things=[ShownThing(each.title, each.note, address_of(issue, each.place)) for each in finding.things],
    )
