"""The rehearsal of a mailing: its progress, what came of it, and the people whose email has a problem."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NotFound, refuse_if
from newsletter.issues.models import Issue
from newsletter.preflight.rehearsal.ask_for_rehearsal import (
    ask_for_rehearsal,
    cancel_rehearsal,
    why_not_rehearse,
)
from newsletter.preflight.rehearsal.rehearsal_results import (
    KINDS,
    NAMELESS,
    Stage,
    latest_rehearsal,
    named_people,
    people_without_first_name,
)
from newsletter.preflight.rehearsal_models import RehearsalProblem
from newsletter.sending.who_may_see_recipients import why_not_see_people
from newsletter.web.desk.desk_page import desk, is_htmx, partial
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.imports.job_progress import progress_of, sentence_of
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import act_on_issue, fresh_issue, part_context, show_part
from subscribers.whole_numbers import whole_number


@desk("GET", "HEAD")
def rehearsal(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show how far the rehearsal is, or what came of it."""
    return _show(request, issue_at(slug, number))


@desk("POST", page="rehearsal")
def rehearse(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Begin a rehearsal."""

    def act(issue: Issue) -> str:
        ask_for_rehearsal(issue)
        return "The rehearsal has started. You can leave this page."

    return act_on_issue(request, issue_at(slug, number), "rehearse", act, _show, page="rehearsal")


@desk("POST", page="rehearsal")
def cancel(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Cancel the rehearsal."""

    def act(issue: Issue) -> str:
        cancel_rehearsal(issue)
        return "The rehearsal was cancelled."

    return act_on_issue(request, issue_at(slug, number), "rehearse", act, _show, page="rehearsal")


@desk("GET", "HEAD")
def people(request: HttpRequest, slug: str, number: int, kind: str) -> HttpResponse:
    """Show one page of the people whose email has a kind of problem."""
    issue = fresh_issue(issue_at(slug, number))
    refuse_if(why_not_see_people(issue))
    written = request.GET.get("after", "")
    after = whole_number(written) or 0
    header = issue_header(issue)
    context: dict[str, Any] = {"kind": kind}
    if kind == NAMELESS:
        context |= {
            "page": people_without_first_name(issue, after=after),
            "title": "People without a first name",
            "mend": "Add their first names, or choose another way to address them in the newsletter’s settings.",
        }
    elif kind in RehearsalProblem.Kind.values:
        chosen = RehearsalProblem.Kind(kind)
        context |= {
            "page": named_people(issue, kind, after=after),
            "title": chosen.label,
            "mend": KINDS[chosen][2],
        }
    else:
        raise NotFound("We could not find this kind of problem. Go back to the rehearsal and choose another.")
    if is_htmx(request):
        return partial(request, "issue/rehearsal_people_rows", **part_context(header, "review"), **context)
    return show_part(request, header, "review", template="rehearsal_people", **context)


def _show(request: HttpRequest, issue: Issue, form_error: FormError | None = None) -> HttpResponse:
    header = issue_header(fresh_issue(issue))
    result = latest_rehearsal(header.issue)
    is_running = result.stage is Stage.RUNNING
    return show_part(
        request,
        header,
        "review",
        form_error=form_error,
        forms=frozenset({"rehearse"}),
        template="rehearsal",
        result=result,
        sentence=sentence_of(result.sentence),
        job=result.job,
        progress=progress_of(result.job) if is_running and result.job else None,
        why_not_rehearse=why_not_rehearse(header.issue),
        nameless=NAMELESS,
        can_see_people=not why_not_see_people(header.issue),
        live=is_running,
    )
