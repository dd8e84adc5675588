"""The list of what readers sent, those that are due first."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from newsletter.feedback.board_sentences import lost_correction, next_step
from newsletter.feedback.case_figures import case_figures
from newsletter.feedback.find_cases import cases, today
from newsletter.feedback.models import ReaderCase
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.numbered_page import numbered_page
from newsletter.web.desk.publication_choice import chosen_publication

CASES_PER_PAGE = 30
STATES = {
    "open": ReaderCase.OPEN,
    "closed": ReaderCase.CLOSED,
    "junk": (ReaderCase.State.JUNK,),
}
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the list. `deadline` says until when the board must do what, and `tone` how urgent that is.

    `is_without_correction`: it was answered with a correction that its source no longer gives.
    """

    case: ReaderCase
    deadline: str
    tone: str
    is_without_correction: bool


@desk("GET", "HEAD")
def questions(request: HttpRequest) -> HttpResponse:
    """List open questions and complaints, or closed ones, or junk."""
    shown = request.GET.get("show", "open")
    shown = shown if shown in STATES else "open"
    chosen = chosen_publication(request)
    found = cases(STATES[shown], chosen)
    rows, pages = numbered_page(
        request, found if shown == "open" else found.order_by("-pk"), per_page=CASES_PER_PAGE
    )
    return show(
        request,
        "questions/questions",
        shown=shown,
        rows=[CaseRow(each, *deadline(each), bool(lost_correction(each))) for each in rows],
        pages=pages,
        figures=case_figures(chosen) if chosen else None,
        several=chosen is None,
        chosen=chosen,
    )


def deadline(case: ReaderCase) -> tuple[str, str]:
    """Return what the board must do next and until when, and the tone of a badge for it. Both are empty if nothing."""
    step = next_step(case)
    if step is None:
        return "", ""
    if step.is_overdue:
        return step.sentence, "alarm"
    return step.sentence, "warn" if step.by <= today(case.publication) + SOON else "neutral"
