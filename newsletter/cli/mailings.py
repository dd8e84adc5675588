"""`newsletter mailings …`: what happened to every recipient, and what you can decide about it."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.accounts.actor import current_actor
from newsletter.cli.mailing_statistics import statistics
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Refused
from newsletter.issues.visible_to_actor import visible
from newsletter.sending.models import Mailing, Recipient
from subscribers.phrases import counted

if TYPE_CHECKING:
    from newsletter.sending import recipient_counts


app = typer.Typer(
    no_args_is_help=True, help="Follow, pause, resume and stop mailings, and record unknown outcomes."
)

app.command()(statistics)

MailingArgument = Annotated[int, typer.Argument(help="Number of the mailing.")]
DECISION_FIELDS = ("decided_at", "decided_by", "sentence")


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """Show every mailing with its state and figures.

    Example: `newsletter mailings list`
    """
    from newsletter.cli.mailing_output import mailing_document
    from newsletter.sending import recipient_counts
    from newsletter.sending.status_sentences import mailing_status, recipient_status

    mailings = [
        (mailing, recipient_counts.count_recipients(mailing))
        for mailing in visible(Mailing.objects.select_related("issue__publication"), "issue__publication")
    ]
    if as_json:
        print_json([mailing_document(mailing, counted) for mailing, counted in mailings])
        return
    print_rows(
        (
            "Mailing",
            "Issue",
            "State",
            "Audience",
            *(recipient_status(state).label for state in Recipient.State),
        ),
        (
            (each.pk, each.issue, mailing_status(each, counted).label, counted.audience, *_states(counted))
            for each, counted in mailings
        ),
        empty="You have not sent an issue yet. To send one, run `newsletter issues send N`.",
    )


@app.command()
def show(number: MailingArgument, as_json: JsonOption = False) -> None:
    """Show a mailing with its figures, the batches with an unknown outcome, and the decisions that people
    made about it.

    Example: `newsletter mailings show 1`
    """
    from newsletter.cli.mailing_output import print_state, state_document, what_is_open
    from newsletter.sending import mailing_controls
    from newsletter.sending.proven_duplicates import duplicates_of
    from newsletter.sending.undecided_batches import unfinished_batches

    mailing = mailing_controls.mailing_by_number(number)
    batches = [asdict(each) for each in unfinished_batches(mailing)]
    decisions = list(mailing.decisions.values(*DECISION_FIELDS))
    if as_json:
        print_json({**state_document(mailing), "batches": batches, "decisions": decisions})
        return
    print_state(mailing, as_json=False)
    if sentence := what_is_open(mailing):
        print_text(f"\n{sentence}")
    if batches:
        print_text("")
        print_rows(("Batch", "State", "Sent at", "Unknown", "Reason"), map(_cells, batches), empty="")
    if twice := duplicates_of(mailing):
        print_text("")
        print_rows(
            ("Recipient (sent twice)", "Address"),
            ((each.recipient, each.address) for each in twice),
            empty="",
        )
    print_text("")
    print_rows(
        ("When", "Who", "What"),
        map(_cells, decisions),
        empty="Nobody has made a decision about this mailing.",
    )


@app.command()
def recipients(
    number: MailingArgument,
    state: Annotated[Recipient.State | None, typer.Option(help="Show only recipients in this state.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the recipients of a mailing and what happened to each.

    Example: `newsletter mailings recipients 1 --state unknown`
    """
    from newsletter.sending import mailing_controls, recipient_counts
    from newsletter.sending.status_sentences import recipient_status

    rows = recipient_counts.recipients_of(mailing_controls.mailing_by_number(number), state)
    if as_json:
        print_json([row.to_dict() for row in rows])
        return
    print_rows(
        ("Recipient", "Address", "State", "Reason", "Batch"),
        (
            (row.recipient, row.address, recipient_status(row.state).label, row.reason, row.batch)
            for row in rows
        ),
        empty=f"No recipients are in the state “{state}”." if state else "This mailing has no recipients.",
    )


@app.command()
def pause(
    number: MailingArgument,
    why: Annotated[
        str, typer.Option(help="Reason for the pause, which other editors will see.")
    ] = "Paused by an editor.",
    as_json: JsonOption = False,
) -> None:
    """Pause a mailing. Emails that are already being sent cannot be stopped: see `newsletter mailings show`.

    Example: `newsletter mailings pause 1 --why "A wrong headline"`
    """
    from newsletter.sending import mailing_controls

    mailing = mailing_controls.mailing_by_number(number)
    mailing_controls.pause_mailing(mailing.pk, why, paused_by=current_actor().name)
    _print_again(mailing, as_json=as_json)


@app.command()
def resume(number: MailingArgument, as_json: JsonOption = False) -> None:
    """Resume a paused mailing. The worker or `newsletter issues send` then continues it.

    Example: `newsletter mailings resume 1`
    """
    from newsletter.sending import mailing_controls

    mailing = mailing_controls.mailing_by_number(number)
    mailing_controls.resume_mailing(mailing.pk, resumed_by=current_actor().name)
    _print_again(mailing, as_json=as_json)


@app.command()
def stop(
    number: MailingArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop a mailing permanently. The remaining recipients will not get it, unless you run `newsletter mailings
    retry`.

    Example: `newsletter mailings stop 1 --yes`
    """
    from newsletter.sending import mailing_controls, recipient_counts

    mailing = mailing_controls.mailing_by_number(number)
    waiting = recipient_counts.count_recipients(mailing).waiting
    if not yes:
        sure = typer.confirm(
            f"Stop {mailing}? It will not be sent to the remaining "
            f"{counted(waiting, 'recipient', 'recipients')}."
        )
        if not sure:
            raise Refused("The mailing was not stopped.")
    mailing_controls.stop_mailing(mailing.pk, stopped_by=current_actor().name)
    _print_again(mailing, as_json=as_json)


@app.command("settle")
def settle_(
    number: MailingArgument,
    batch: Annotated[
        int | None, typer.Option(help="Number of a batch, if you know whether it was sent.")
    ] = None,
    sent: Annotated[
        bool | None,
        typer.Option("--sent/--not-sent", help="Whether the emails in this batch were sent."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find out whether emails with an unknown outcome were sent, or record what you know about one batch.
    We log this.

    Example: `newsletter mailings settle 1 --batch 12 --sent`
    """
    from newsletter.sending import (
        mailing_controls,
        reconcile_unknown_recipients,
        recover_abandoned_batches,
    )

    mailing = mailing_controls.mailing_by_number(number)
    if (batch is None) != (sent is None):
        raise typer.BadParameter("Use --batch N together with --sent or --not-sent.")
    recover_abandoned_batches.recover_abandoned_batches()
    reconcile_unknown_recipients.reconcile_mailings(mailing.pk)
    if batch is not None and sent is not None:
        reconcile_unknown_recipients.settle_batch(
            mailing, batch, accepted=sent, settled_by=current_actor().name
        )
    _print_again(mailing, as_json=as_json)


@app.command()
def retry(number: MailingArgument, as_json: JsonOption = False) -> None:
    """Send the email again to recipients who definitely did not get it. `newsletter worker` or `newsletter
    issues send` then sends it.

    Recipients whose own address or data caused the failure are left out, because sending to them would fail again.

    Example: `newsletter mailings retry 1`
    """
    from newsletter.sending import mailing_controls, retry_mailing

    mailing = mailing_controls.mailing_by_number(number)
    retry_mailing.retry_mailing(mailing.pk, retried_by=current_actor().name)
    _print_again(mailing, as_json=as_json)


def _cells(facts: dict[str, Any]) -> list[object]:
    return [f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else cell for cell in facts.values()]


def _states(counted: "recipient_counts.RecipientCounts") -> list[int]:
    return [getattr(counted, state.value) for state in Recipient.State]


def _print_again(mailing: Mailing, *, as_json: bool) -> None:
    from newsletter.cli.mailing_output import print_state

    mailing.refresh_from_db()
    print_state(mailing, as_json=as_json)
