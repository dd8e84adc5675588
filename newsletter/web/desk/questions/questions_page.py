"""The list of what readers sent, those that are due first."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from newsletter.feedback.board_sentences import lost_correction_label, next_step
from newsletter.feedback.case_figures import case_figures
from newsletter.feedback.find_cases import cases, today
from newsletter.feedback.models import ReaderCase
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.formatting import number
from newsletter.web.desk.numbered_page import numbered_page
from newsletter.web.desk.publication_choice import chosen_publication
from newsletter.web.desk.search_box import SearchBox, search_list

CASES_PER_PAGE = 30
STATES = {
    "open": ReaderCase.OPEN,
    "closed": ReaderCase.CLOSED,
    "junk": (ReaderCase.State.JUNK,),
}
# What people search: the article, and what the reader and the board wrote.
SEARCHED = ("article_title", "text", "answer", "address")
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the list. `deadline` says until when the board must do what, and `tone` how urgent that is.

    `lost_correction` is not empty if it was answered with a correction that readers do not see now.
    """

    case: ReaderCase
    deadline: str
    tone: str
    lost_correction: str


@desk("GET", "HEAD")
def questions(request: HttpRequest) -> HttpResponse:
    """List open questions and complaints, or closed ones, or junk."""
    shown = request.GET.get("show", "open")
    shown = shown if shown in STATES else "open"
    chosen = chosen_publication(request)
    every, search = search_list(request, cases(ReaderCase.State.values, chosen), SEARCHED)
    found = every.filter(state__in=STATES[shown])
    rows, pages = numbered_page(
        request,
        found if shown == "open" else found.order_by("-pk"),
        per_page=CASES_PER_PAGE,
        kept={**search.kept, "show": shown},
    )
    return show(
        request,
        "questions/questions",
        shown=shown,
        tabs=_tabs(every, search),
        search=search,
        rows=[CaseRow(each, *deadline(each), lost_correction_label(each)) for each in rows],
        pages=pages,
        figures=case_figures(chosen) if chosen else None,
        several=chosen is None,
        chosen=chosen,
    )


def _tabs(every: QuerySet[ReaderCase], search: SearchBox) -> list[tuple[str, str, str, str]]:
    """Return the tabs, each with the number of its cases that match the search."""
    numbers = Counter(dict(every.order_by().values_list("state").annotate(Count("pk"))))
    return [
        (
            name,
            name.capitalize(),
            f"?{urlencode({**search.kept, 'show': name})}",
            number(count) if (count := sum(numbers[each] for each in states)) else "",
        )
        for name, states in STATES.items()
    ]


def deadline(case: ReaderCase) -> tuple[str, str]:
    """Return what the board must do next and until when, and the tone of a badge for it. Both are empty if nothing."""
    step = next_step(case)
    if step is None:
        return "", ""
    if step.is_overdue:
        return step.sentence, "alarm"
    return step.sentence, "warn" if step.by <= today(case.publication) + SOON else "neutral"
