"""One question or complaint: what the reader sent, what the board did, and what it can do next."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.errors import NewsletterError
from newsletter.feedback.board_acts import (
    LONGEST_ANSWER,
    acknowledge,
    decide,
    erase_case,
    mark_as_junk,
    restore,
)
from newsletter.feedback.board_sentences import (
    ERASED,
    JUNKED,
    OUTCOMES_OF_COMPLAINT,
    OUTCOMES_OF_QUESTION,
    PUT_BACK,
    acknowledged_sentence,
    decided_sentence,
    handed_over_sentence,
    lost_correction,
    reach_of_reader,
)
from newsletter.feedback.find_cases import corrections_for, find_case, why_not_for_board
from newsletter.feedback.hand_over_cases import hand_over, people_to_hand_over_to
from newsletter.feedback.models import ReaderCase
from newsletter.issues.issue_audit import entries_about
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import errors_by_field, status_of
from newsletter.web.desk.questions.questions_page import deadline
from subscribers.whole_numbers import whole_number

State = ReaderCase.State
FIELDS = ("outcome", "correction", "text")


@desk("GET", "HEAD")
def question(request: HttpRequest, case: int) -> HttpResponse:
    """Show what a reader sent, and what the board can do."""
    return _page(request, find_case(case))


@desk("POST", page="question")
def acknowledge_case(request: HttpRequest, case: int) -> HttpResponse:
    """Say that the board looks into it."""
    return done(request, acknowledged_sentence(acknowledge(case)), _path(case))


@desk("POST", page="question")
def decide_case(request: HttpRequest, case: int) -> HttpResponse:
    """Close a case with what the board decided."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    number = typed["correction"]
    try:
        closed = decide(
            case,
            typed["outcome"],
            typed["text"],
            correction=whole_number(number),
        )
    except NewsletterError as error:
        return _page(request, find_case(case), typed, error)
    return done(request, decided_sentence(closed), _path(case))


@desk("POST", page="question")
def hand_over_case(request: HttpRequest, case: int) -> HttpResponse:
    """Hand a case over to somebody without the board role, or take it back."""
    form = request.POST
    handed_over = hand_over(case, form.get("to", ""), seen=form.get("holder"))
    return done(request, handed_over_sentence(handed_over), _path(case))


@desk("POST", page="question")
def junk_case(request: HttpRequest, case: int) -> HttpResponse:
    """Put junk away."""
    return _moved(request, mark_as_junk, case, sentence=JUNKED, back="restore-question")


@desk("POST", page="question")
def restore_case(request: HttpRequest, case: int) -> HttpResponse:
    """Put junk back into the queue."""
    return _moved(request, restore, case, sentence=PUT_BACK, back="junk-question")


@desk("POST", page="question")
def erase(request: HttpRequest, case: int) -> HttpResponse:
    """Erase what a reader sent."""
    erase_case(case, reader_asked=bool(request.POST.get("reader_asked")))
    return done(request, ERASED, _path(case))


def _moved(
    request: HttpRequest, act: Callable[[int], ReaderCase], case: int, *, sentence: str, back: str
) -> HttpResponse:
    act(case)
    return done(request, sentence, reverse("desk:questions"), undo=Undo(reverse(f"desk:{back}", args=[case])))


def _page(
    request: HttpRequest,
    case: ReaderCase,
    typed: dict[str, str] | None = None,
    error: NewsletterError | None = None,
) -> HttpResponse:
    fields = errors_by_field(error)
    due, tone = deadline(case)
    return show(
        request,
        "questions/question",
        status=status_of(error) if error else 200,
        case=case,
        due=due,
        tone=tone,
        outcomes=OUTCOMES_OF_COMPLAINT if case.is_complaint else OUTCOMES_OF_QUESTION,
        corrections=[
            (str(each.pk), f"{each.corrected_on}: {each.text}"[:200]) for each in corrections_for(case)
        ],
        typed=dict.fromkeys(FIELDS, "") | (typed or {}),
        errors=fields,
        summary=[(_id_of(name), sentence) for name, sentence in fields.items()],
        longest=LONGEST_ANSWER,
        history=list(entries_about(f"case {case.pk}")[:50]),
        closed=ReaderCase.CLOSED,
        lost_correction=lost_correction(case),
        reach=reach_of_reader(case).value,
        is_for_board=not why_not_for_board(case),
        people=[("", "Nobody")] + [(user.username, user.username) for user in people_to_hand_over_to(case)]
        if case.is_open
        else [],
    )


def _id_of(field: str) -> str:
    return f"outcome-{State.ANSWERED}" if field == "outcome" else field


def _path(case: int) -> str:
    return reverse("desk:question", args=[case])
