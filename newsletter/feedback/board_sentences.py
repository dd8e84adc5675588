"""What the desk and the command tell the review board about a case: what is due, and what its reader will be told."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from newsletter.articles.models import Correction
from newsletter.feedback.case_limits import must_not_be_emailed
from newsletter.feedback.find_cases import today
from newsletter.feedback.forget_cases import can_be_confirmed_until
from newsletter.feedback.models import ReaderCase
from newsletter.issues.article_corrections import is_still_to_come
from subscribers.phrases import written_day

State = ReaderCase.State
OUTCOMES_OF_QUESTION = (
    (State.ANSWERED, "Answered: the article is right, and we explain why"),
    (State.CORRECTED, "Corrected: the article was wrong, and we have corrected it"),
    (State.DECLINED, "Declined: we will not pursue the question"),
)
OUTCOMES_OF_COMPLAINT = (
    (State.ANSWERED, "Answered: we explain what we did"),
    (State.CORRECTED, "Upheld: the reader was right, and we have acted"),
    (State.DECLINED, "Declined: we will not take any action"),
)
JUNKED, PUT_BACK, ERASED = "Marked as junk.", "Put back into the list.", "The reader’s message was erased."


class Reach(StrEnum):
    """Whether the reader who sent a case can be told what came of it."""

    NOW = "now"
    ONCE_CONFIRMED = "once confirmed"
    NEVER = "never"
    NO_ADDRESS = "no address"


def reach_of_reader(case: ReaderCase) -> Reach:
    """Return whether, and when, the reader can be told what came of a case."""
    if not case.address:
        return Reach.NO_ADDRESS
    if must_not_be_emailed(case.address_key):
        return Reach.NEVER
    if case.confirmed_at:
        return Reach.NOW
    return Reach.ONCE_CONFIRMED if can_be_confirmed_until(case) else Reach.NEVER


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the board must do next with an open case, and until when."""

    sentence: str
    by: date
    is_overdue: bool


def next_step(case: ReaderCase) -> NextStep | None:
    """Return what the board must do next, or None if the case is not open."""
    if not case.is_open:
        return None
    is_new = case.state == State.RECEIVED
    by: date = case.acknowledge_by if is_new else case.answer_by
    day, is_overdue = f"{by.day} {by:%B}", by < today(case.publication)
    what = "Acknowledge" if is_new else "Answer"
    return NextStep(f"Overdue: {day}" if is_overdue else f"{what} by {day}", by, is_overdue)


def given_correction(case: ReaderCase) -> Correction | None:
    """Return the correction that answered a question, or None if it has none, or its source no longer gives it."""
    correction: Correction | None = case.correction
    return correction if correction is not None and correction.gone_at is None else None


def lost_correction(case: ReaderCase) -> str:
    """Return why readers do not see the correction of a question, or an empty string if they do or none was needed."""
    if case.state != State.CORRECTED or case.is_complaint:
        return ""
    correction = given_correction(case)
    if correction is None:
        return "The source of the article has removed or replaced the correction that answered this question."
    if is_still_to_come(correction, case.publication):
        return (
            "The source of the article now gives a later date for the correction that answered this question. "
            f"Readers cannot see the correction before {written_day(correction.corrected_on)}."
        )
    return ""


def lost_correction_label(case: ReaderCase) -> str:
    """Return the same in a word or two, for a list."""
    if not lost_correction(case):
        return ""
    return "Correction removed" if given_correction(case) is None else "Correction hidden"


def acknowledged_sentence(case: ReaderCase) -> str:
    """Return what the board is told when it has acknowledged a case."""
    return f"You acknowledged this. {_told(case)}"


def decided_sentence(case: ReaderCase) -> str:
    """Return what the board is told when it has decided about a case."""
    return f"Your decision was saved. {_told(case)}"


def handed_over_sentence(case: ReaderCase) -> str:
    """Return what the board is told when it has handed a case over, or taken it back."""
    if case.assigned_to is None:
        return "Nobody else has this question or complaint now. The board answers it."
    return f"You handed this over to {case.assigned_to.username}. We will email them. The board can still answer it."


def _told(case: ReaderCase) -> str:
    return {
        Reach.NOW: "We will email the reader.",
        Reach.ONCE_CONFIRMED: "We will email the reader once they have confirmed their address.",
        Reach.NEVER: "We do not email this address, so we cannot tell the reader.",
        Reach.NO_ADDRESS: "The reader did not give an email address, so we cannot tell them.",
    }[reach_of_reader(case)]
