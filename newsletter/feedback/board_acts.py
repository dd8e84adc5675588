"""What the review board does with a question or complaint: acknowledge it, decide about it, or put it away as junk.

The reader is told in the same transaction. Two members cannot decide the same case: the second is refused.
"""

from django.utils import timezone

from newsletter.accounts.audit_log import NOT_SHOWN
from newsletter.articles.models import Correction
from newsletter.errors import InvalidFields, Refused, refuse_if
from newsletter.feedback.case_mails import is_reader_still_to_be_told, tell_reader
from newsletter.feedback.find_cases import corrections_for, find_case, why_not_for_board
from newsletter.feedback.forget_cases import can_be_confirmed_until, forget_case
from newsletter.feedback.models import ReaderCase
from newsletter.issues.issue_audit import record
from subscribers.clean_text import printable
from subscribers.database import locked
from subscribers.phrases import written_day
from subscribers.transactions import one_transaction

State = ReaderCase.State
OUTCOMES = (State.ANSWERED, State.CORRECTED, State.DECLINED)
LONGEST_ANSWER = 4_000
ALREADY = "Somebody has already {did}. Check what they did."
DID = {
    State.RECEIVED: "put this back",
    State.ACKNOWLEDGED: "acknowledged this",
    State.ANSWERED: "answered this",
    State.CORRECTED: "marked the article as corrected",
    State.DECLINED: "declined this",
    State.JUNK: "marked this as junk",
}
# What the activity log says.
SENTENCES = {
    State.ACKNOWLEDGED: "Acknowledged {case}.",
    State.ANSWERED: "Answered {case}.",
    State.CORRECTED: "Closed {case}, because the reader was right.",
    State.DECLINED: "Declined {case}.",
    State.JUNK: "Marked {case} as junk.",
}
ASKED = "If the reader asked you to erase it, you can do so now."
PUT_BACK = "Put {case} back into the list."


@one_transaction
def acknowledge(number: int) -> ReaderCase:
    """Say that the board looks into a case, and tell its reader. Raises Refused unless it is new."""
    case = locked_case(number, State.RECEIVED)
    case.acknowledged_at = timezone.now()
    _move(case, State.ACKNOWLEDGED)
    tell_reader(case)
    return case


@one_transaction
def decide(number: int, outcome: str, text: str, *, correction: int | None = None) -> ReaderCase:
    """Close a case with an outcome, and tell its reader the text. Raises InvalidFields, and Refused if it is closed.

    A question is corrected by a correction of its article, which `correction` names: the figures in the archive then
    count what readers can see.
    """
    case = locked_case(number, *ReaderCase.OPEN)
    case.answer, case.correction = _checked(case, outcome, text, correction)
    case.closed_at = timezone.now()
    # An answer acknowledges, too.
    case.acknowledged_at = case.acknowledged_at or case.closed_at
    _move(case, State(outcome))
    tell_reader(case)
    return case


@one_transaction
def mark_as_junk(number: int) -> ReaderCase:
    """Put an open case away. Its reader is not told, and the figures do not count it. It can be put back."""
    case = locked_case(number, *ReaderCase.OPEN)
    refuse_if(why_not_for_board(case))
    case.closed_at = timezone.now()
    _move(case, State.JUNK)
    return case


@one_transaction
def restore(number: int) -> ReaderCase:
    """Put junk back into the queue, with its deadlines as they were."""
    case = locked_case(number, State.JUNK)
    refuse_if(why_not_for_board(case))
    case.closed_at = None
    _move(case, State.ACKNOWLEDGED if case.acknowledged_at else State.RECEIVED, PUT_BACK)
    return case


@one_transaction
def erase_case(number: int, *, reader_asked: bool = False) -> ReaderCase:
    """Erase what a reader sent, their address and the answer. The figures still count the case.

    Raises Refused while the case is open. Unless the reader asked for it, also until they have been emailed what came
    of it, and while they can still confirm their address to be emailed.
    """
    case = locked_case(number, *State)
    refuse_if(why_not_for_board(case))
    if case.is_open:
        raise Refused("Save your decision first. You can then erase what the reader sent.")
    must_be_told = case.state in ReaderCase.CLOSED and not reader_asked
    if must_be_told and is_reader_still_to_be_told(case):
        raise Refused(
            "We have not emailed the decision to the reader yet. Wait until the email is sent, then erase what they "
            f"sent. {ASKED}"
        )
    if must_be_told and (until := can_be_confirmed_until(case)):
        raise Refused(
            f"The reader can confirm their address until {written_day(until)}, and we will then email them the "
            f"decision. After that day, you can erase what they sent. {ASKED}"
        )
    forget_case(case)
    record(
        "question",
        f"Erased the reader’s text and address from {case}{', because they asked for it' if reader_asked else ''}.",
        publication=case.publication,
        thing=f"case {case.pk}",
        changes={"text": [NOT_SHOWN, None]},
    )
    return case


def locked_case(number: int, *expected: str) -> ReaderCase:
    """Lock a case that the actor may answer and return it as it is now. Raises Refused in any other state.

    Call this inside a transaction.
    """
    find_case(number)
    case: ReaderCase = locked(ReaderCase.objects.select_related("publication"), number)
    if case.state not in expected:
        raise Refused(ALREADY.format(did=DID[State(case.state)]))
    return case


def _move(case: ReaderCase, state: ReaderCase.State, sentence: str = "") -> None:
    before, case.state = case.state, state
    case.save()
    # Without the texts, which could not be erased from the log.
    record(
        "question",
        (sentence or SENTENCES[state]).format(case=f"{case} from a reader"),
        publication=case.publication,
        thing=f"case {case.pk}",
        changes={"state": [str(before), str(state)]},
    )


def _checked(case: ReaderCase, outcome: str, text: str, number: int | None) -> tuple[str, Correction | None]:
    wrong: dict[str, str] = {}
    said = printable(text.replace("\r\n", "\n")).strip()
    if outcome not in OUTCOMES:
        wrong["outcome"] = "Choose your decision."
    if not said or len(said) > LONGEST_ANSWER:
        wrong["text"] = f"Tell the reader what you decided and why, in up to {LONGEST_ANSWER:,} characters."
    correction = None
    if outcome == State.CORRECTED and not case.is_complaint:
        correction = corrections_for(case).filter(pk=number or 0).first()
        if correction is None:
            wrong["correction"] = (
                "Choose the correction. If the article does not have one yet, correct the article first."
            )
    if wrong:
        raise InvalidFields(wrong)
    return said, correction
