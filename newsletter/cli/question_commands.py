"""`newsletter questions …`: the queue of the review board, with what readers question and complain about."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Refused
from subscribers.phrases import shortened

if TYPE_CHECKING:
    from newsletter.feedback.models import ReaderCase

app = typer.Typer(
    no_args_is_help=True,
    help="Answer readers who question a fact, or who complain about data protection.",
)
LONGEST_SHOWN = 80
COMPLAINT = "Complaint about data protection"
NumberArgument = Annotated[
    int,
    typer.Argument(
        help="Number of the question or complaint. To see the numbers, run `newsletter questions list`.",
        metavar="ID",
    ),
]
TextOption = Annotated[
    str, typer.Option("--text", metavar="TEXT", help="What you decided and why, written for the reader.")
]


class Shown(StrEnum):
    """Which questions and complaints are listed."""

    OPEN = "open"
    CLOSED = "closed"
    JUNK = "junk"


@app.command("list")
def list_(
    publication: Annotated[
        str | None,
        typer.Option(
            "--publication",
            help="Short name (slug) of the publication. If left out, questions for all publications are listed.",
        ),
    ] = None,
    *,
    shown: Annotated[Shown, typer.Option("--show", help="Which questions to list.")] = Shown.OPEN,
    as_json: JsonOption = False,
) -> None:
    """List readers’ questions and complaints, starting with the nearest deadline.

    Example: `newsletter questions list --show closed`
    """
    from newsletter.feedback.find_cases import cases
    from newsletter.feedback.models import ReaderCase
    from newsletter.issues.find_publication_or_issue import find_publication

    states = {
        Shown.OPEN: ReaderCase.OPEN,
        Shown.CLOSED: ReaderCase.CLOSED,
        Shown.JUNK: (ReaderCase.State.JUNK,),
    }
    found = cases(states[shown], find_publication(publication) if publication else None)
    found = found if shown is Shown.OPEN else found.order_by("-pk")
    if as_json:
        print_json([_document(each) for each in found])
        return
    print_rows(
        ("ID", "State", "Newsletter", "About", "Text"),
        (
            (each.pk, _state(each), each.publication.slug, _about(each), shortened(each.text, LONGEST_SHOWN))
            for each in found
        ),
        empty={
            Shown.OPEN: "There is nothing to answer.",
            Shown.CLOSED: "No questions or complaints have been closed yet.",
            Shown.JUNK: "Nothing has been marked as junk.",
        }[shown],
    )


@app.command()
def show(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Show what a reader sent, what the board decided, and any corrections to the article.

    Example: `newsletter questions show 3`
    """
    from newsletter.feedback.board_sentences import lost_correction
    from newsletter.feedback.find_cases import corrections_for, find_case

    case = find_case(number)
    lost = lost_correction(case)
    corrections = list(corrections_for(case))
    if as_json:
        listed = [{"id": each.pk, "on": each.corrected_on, "text": each.text} for each in corrections]
        print_json(_document(case) | {"corrections": listed})
        return
    print_fields(
        {
            "about": _about(case),
            "newsletter": case.publication.name,
            "state": _state(case),
            "received": f"{case.received_at:%Y-%m-%d %H:%M} UTC",
            "acknowledge by": case.acknowledge_by,
            "answer by": case.answer_by,
            "address": f"{case.address}{'' if case.confirmed_at else ' (not confirmed)'}"
            if case.address
            else "none",
            "text": case.text or "erased",
        }
        | ({"answer": case.answer} if case.answer else {})
        | ({"correction": lost} if lost else {})
        | {f"correction {each.pk}": f"{each.corrected_on}: {each.text}" for each in corrections}
    )


@app.command()
def acknowledge(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Tell the reader that the board is looking into a new question or complaint.

    Example: `newsletter questions acknowledge 3`
    """
    from newsletter.feedback import board_acts
    from newsletter.feedback.board_sentences import acknowledged_sentence

    case = board_acts.acknowledge(number)
    _print(case, acknowledged_sentence(case), as_json=as_json)


@app.command()
def answer(number: NumberArgument, text: TextOption, as_json: JsonOption = False) -> None:
    """Tell the reader that the article is right or, if they complained, what you did about it.

    Example: `newsletter questions answer 3 --text "The study says 40 per cent, in table 2."`
    """
    _decide(number, "answered", text, as_json=as_json)


@app.command()
def correct(
    number: NumberArgument,
    text: TextOption,
    *,
    correction: Annotated[
        int | None,
        typer.Option(
            metavar="ID",
            help="Number of the correction to the article. You only need this for a question. To make a "
            "correction, run `newsletter corrections make`.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Close a question with a correction to its article, or uphold a complaint because the reader was right.

    Example: `newsletter questions correct 3 --correction 7 --text "Thank you. It was 12, not 21."`
    """
    _decide(number, "corrected", text, correction=correction, as_json=as_json)


@app.command()
def decline(number: NumberArgument, text: TextOption, as_json: JsonOption = False) -> None:
    """Decline a question that the board will not pursue, or a complaint that it will not act on.

    Example: `newsletter questions decline 3 --text "This is a matter of opinion."`
    """
    _decide(number, "declined", text, as_json=as_json)


@app.command("hand-over")
def hand_over(
    number: NumberArgument,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="NAME", help="User who answers it. Leave it out to take it back.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Let somebody without the board role answer a question or complaint. The board can still answer it.

    Example: `newsletter questions hand-over 3 --to ruth`
    """
    from newsletter.feedback import hand_over_cases
    from newsletter.feedback.board_sentences import handed_over_sentence

    case = hand_over_cases.hand_over(number, to)
    _print(case, handed_over_sentence(case), as_json=as_json)


@app.command()
def junk(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Mark an open question or complaint as junk. We do not tell the sender, and we erase it after 30 days.

    Example: `newsletter questions junk 3`
    """
    from newsletter.feedback import board_acts
    from newsletter.feedback.board_sentences import JUNKED

    _print(board_acts.mark_as_junk(number), JUNKED, as_json=as_json)


@app.command("put-back")
def put_back(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Put a question or complaint that was marked as junk back into the list, with its deadlines.

    Example: `newsletter questions put-back 3`
    """
    from newsletter.feedback import board_acts
    from newsletter.feedback.board_sentences import PUT_BACK

    _print(board_acts.restore(number), PUT_BACK, as_json=as_json)


@app.command()
def erase(
    number: NumberArgument,
    *,
    reader_asked: Annotated[
        bool,
        typer.Option("--reader-asked", help="Erase it even if we have not told the reader the decision yet."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase the text, address and answer of a closed question or complaint. We keep its date and outcome.

    Example: `newsletter questions erase 3 --yes`
    """
    from newsletter.feedback import board_acts
    from newsletter.feedback.board_sentences import ERASED

    if not yes and not typer.confirm("Erase the text, the email address and your answer?"):
        raise Refused("Nothing was erased.")
    _print(board_acts.erase_case(number, reader_asked=reader_asked), ERASED, as_json=as_json)


def _decide(number: int, outcome: str, text: str, *, correction: int | None = None, as_json: bool) -> None:
    from newsletter.feedback.board_acts import decide
    from newsletter.feedback.board_sentences import decided_sentence

    case = decide(number, outcome, text, correction=correction)
    _print(case, decided_sentence(case), as_json=as_json)


def _print(case: "ReaderCase", sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(case))
    else:
        print_text(sentence)


def _about(case: "ReaderCase") -> str:
    return COMPLAINT if case.is_complaint else case.article_title


def _state(case: "ReaderCase") -> str:
    from newsletter.feedback.board_sentences import next_step

    step = next_step(case)
    return step.sentence if step else case.get_state_display()


def _document(case: "ReaderCase") -> dict[str, Any]:
    from newsletter.feedback.board_sentences import given_correction

    names = (
        *("kind", "state", "article_title", "text", "address", "received_at", "confirmed_at"),
        *("acknowledge_by", "answer_by", "acknowledged_at", "closed_at", "answer", "erased_at"),
    )
    correction = given_correction(case)
    return {
        "id": case.pk,
        "publication": case.publication.slug,
        "article": case.article_id,
        "correction": correction.pk if correction else None,
    } | {name: getattr(case, name) for name in names}
