"""The part “Review”: what the checks find, what is still to do, who will receive the issue, and what was done."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from newsletter.issues import issue_audit
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.look_up_audience import choice_for, in_words
from newsletter.issues.models import Issue
from newsletter.preflight.all_checks import COUNTING, check_issue
from newsletter.preflight.approval_steps import steps_before_sending
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.open_links_job import OPEN, ask_for_links, last_job, links_in_words
from newsletter.preflight.overrule_error import mend, overrule, take_back, why_not_overrule
from newsletter.preflight.rehearsal.rehearsal_results import latest_rehearsal
from newsletter.preflight.tick_checklist import tick, why_not_tick
from newsletter.proof.reviewed_in_words import reviewed_in_words
from newsletter.scheduling.dateline import dateline_day
from newsletter.sending.audience import audience_is_large
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import act_on_issue, fresh_issue, show_part
from newsletter.web.desk.issue.shown_findings import address_of, shown_findings
from newsletter.web.desk.issue.who_receives_issue import audience_context

ENTRIES = 30


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
    # Otherwise htmx asks for the numbers by itself, or a link without scripts.
    numbers = audience_context(issue) if to_come and "count" in request.GET else {}
    checked = CheckedIssue(issue, dateline_day(issue, header.schedule), people=numbers.get("people"))
    checked.schedule = header.schedule
    counts_later = to_come and not numbers and audience_is_large(issue)
    found = check_issue(checked, without=COUNTING if counts_later else ()) if to_come else []
    findings = shown_findings(issue, found) if to_come else []
    steps = steps_before_sending(checked) if to_come else []
    job = last_job(issue) if to_come else None
    return show_part(
        request,
        header,
        "review",
        form_error=form_error,
        findings=findings,
        counts_later=counts_later,
        steps=[ShownStep(each.sentence, address_of(issue, each.place)) for each in steps],
        stops=any(each.stops for each in steps) or any(each.blocks for each in findings),
        links_known=links_in_words(checked, job) if to_come else "",
        links_are_opened=job is not None and job.state in OPEN,
        reviewed=reviewed_in_words(issue, checked.open_comments) if to_come else "",
        checklist=checked.checklist if to_come else [],
        rehearsal=latest_rehearsal(issue, digest=checked.digest) if to_come else None,
        can_tick=to_come and not why_not_tick(issue),
        can_overrule=to_come and not why_not_overrule(issue),
        can_mend=to_come and not why_not_edit(issue),
        can_choose_audience=to_come and not why_not_edit(issue),
        whom=_whom(issue) if to_come else "",
        history=list(issue_audit.entries(issue=issue)[:ENTRIES]),
        **numbers,
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
        return "The error no longer blocks approval. Your reason is shown in the issue’s activity."

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
