"""`newsletter corrections approve|withdraw-approval|send|undo`: the emails about serious corrections."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli.correction_commands import NumberArgument, PublicationOption
from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.errors import Refused
from newsletter.issues.find_publication_or_issue import find_publication
from subscribers.phrases import counted

if TYPE_CHECKING:
    from newsletter.corrections.models import CorrectionNotice
    from newsletter.issues.models import Publication


def approve(
    number: NumberArgument,
    *,
    publication: PublicationOption = None,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="Reason for ignoring the errors that the checks find."),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check and approve the email about a serious correction. Only this version can be sent.

    Example: `newsletter corrections approve 3`
    """
    from newsletter.corrections.approve_notice import render_notice
    from newsletter.issues.correct_article import found_correction
    from newsletter.preflight.approve_correction_email import approve_checked_notice

    where = find_publication(publication)
    seen = render_notice(found_correction(number), where).digest
    notice = approve_checked_notice(number, where, seen=seen, overruled_because=reason)
    _print_notice(notice, "The email was approved. Only this version can be sent.", as_json=as_json)


def withdraw_approval(
    number: NumberArgument, *, publication: PublicationOption = None, as_json: JsonOption = False
) -> None:
    """Withdraw the approval of an email about a correction, if sending has not started.

    Example: `newsletter corrections withdraw-approval 3`
    """
    from newsletter.corrections.approve_notice import withdraw_notice

    withdraw_notice(_notice(number, publication))
    if as_json:
        print_json({"correction": number})
    else:
        print_text("The approval was withdrawn.")


def send(
    number: NumberArgument,
    *,
    publication: PublicationOption = None,
    without_undo: Annotated[
        bool,
        typer.Option(
            "--without-undo",
            help="Start sending now, with no undo window. The command ends when the email has been sent.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send the approved email about a correction to everyone who received the article, and to nobody else.

    Until the undo window ends, you can undo this with `newsletter corrections undo`. With --without-undo, this command
    sends the email immediately. If the command stops, run it again to continue.

    Example: `newsletter corrections send 3`
    """
    from newsletter.cli.issue_sending import a_person_watches
    from newsletter.corrections.models import CorrectionNotice
    from newsletter.corrections.readers import CorrectionReaders
    from newsletter.corrections.send_notice import plan_notice, send_notice
    from newsletter.instance.guard import require_may_send
    from newsletter.sending.saved_not_sent import promise

    notice = _notice(number, publication)
    if notice.state in {CorrectionNotice.State.APPROVED, CorrectionNotice.State.BLOCKED}:
        people = counted(CorrectionReaders(notice.correction, notice.publication).count(), "person", "people")
        if not yes and a_person_watches() and not typer.confirm(f"Send the correction to {people}?"):
            raise Refused("Nothing was sent.")
        notice = send_notice(notice, without_undo=without_undo)
    elif without_undo:
        notice = plan_notice(notice)
    if notice.planned_at is None:
        require_may_send()
        _print_notice(
            notice,
            promise(
                f"The email will be sent at {notice.due_at:%H:%M} UTC. Until then, you can undo this with "
                f"`newsletter corrections undo {number}`."
            ),
            as_json=as_json,
        )
        return
    _send_mailings(notice, as_json=as_json)


def undo(
    number: NumberArgument, *, publication: PublicationOption = None, as_json: JsonOption = False
) -> None:
    """Undo “send” during the undo window. The email remains approved.

    Example: `newsletter corrections undo 3`
    """
    from newsletter.corrections.send_notice import undo_send

    notice = _notice(number, publication)
    undo_send(notice)
    notice.refresh_from_db()
    _print_notice(notice, "The email will not be sent. It is still approved.", as_json=as_json)


def _send_mailings(notice: "CorrectionNotice", *, as_json: bool) -> None:
    from newsletter.cli.issue_sending import run_mailing
    from newsletter.cli.mailing_output import print_state, state_document, what_is_open
    from newsletter.corrections.send_notice import mailings_of

    mailings = mailings_of(notice)
    for mailing in mailings:
        if mailing.finished_at is None:
            run_mailing(mailing)
            mailing.refresh_from_db()
    if as_json:
        print_json(_notice_document(notice) | {"mailings": [state_document(each) for each in mailings]})
    for mailing in mailings:
        if not as_json:
            print_state(mailing, as_json=False)
        if sentence := what_is_open(mailing):
            raise Refused(sentence)


def _notice(number: int, publication: str | None) -> "CorrectionNotice":
    from newsletter.corrections.approve_notice import found_notice
    from newsletter.issues.correct_article import found_correction

    where: Publication = find_publication(publication)
    return found_notice(found_correction(number), where)


def _notice_document(notice: "CorrectionNotice") -> dict[str, Any]:
    names = (
        "state",
        "digest",
        "approved_by",
        "approved_at",
        "due_at",
        "planned_at",
        "left_out",
        "blocked_reason",
    )
    return {"correction": notice.correction_id, "publication": notice.publication.slug} | {
        name: getattr(notice, name) for name in names
    }


def _print_notice(notice: "CorrectionNotice", sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_notice_document(notice))
    else:
        print_text(sentence)
