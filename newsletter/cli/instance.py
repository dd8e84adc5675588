"""`newsletter instance status|adopt`: show whether this database may send, and allow it to."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Refused

if TYPE_CHECKING:
    from newsletter.instance.guard import InstanceStatus
    from newsletter.sending.pending_sends import PendingSend


app = typer.Typer(
    no_args_is_help=True,
    help=(
        "Check whether this installation can send emails, and allow it to send if its database has been "
        "copied or restored."
    ),
)


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Show whether this installation can send emails, and which emails are waiting. If its database has
    been copied or restored, the installation does not send any emails until you allow it.

    Example: `newsletter instance status`
    """
    from newsletter.corrections.after_a_restore import pending_emails
    from newsletter.instance.guard import instance_status

    state, sends = instance_status(), pending_emails()
    if as_json:
        print_json(_document(state, sends))
    else:
        _print(state, sends)


@app.command()
def adopt(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Allow this installation to send emails if its database has been copied or restored. Only do this if the
    original installation is shut down.

    We search SendGrid's Email Logs for people who have already received the emails that are waiting here. This only
    works for SendGrid, and only if the API key can read Email Logs. Otherwise, check the list of waiting emails
    yourself, and stop the mailings that were already sent.

    Example: `newsletter instance adopt --yes`
    """
    from newsletter.corrections.after_a_restore import adopt_installation, pending_emails
    from newsletter.instance.guard import instance_status

    if not yes and sys.stdin.isatty():
        _print(instance_status(), pending_emails())
        if not typer.confirm(
            "Is the original installation shut down, and should this installation send everything "
            "listed above?"
        ):
            raise Refused("Nothing was changed.")
    elif not yes:
        raise Refused("Shut down the original installation, then run this command again with --yes.")
    _row, settled = adopt_installation()
    state, sends = instance_status(), pending_emails()
    if as_json:
        print_json({**_document(state, sends), "already_got_it": settled})
        return
    _print(state, sends)
    if settled:
        print_text(
            f"SendGrid’s Email Logs show that {settled:,} of the people above had already received the "
            "email, so we will not send it to them again."
        )


def _print(state: "InstanceStatus", sends: "list[PendingSend]") -> None:
    row = state.row
    print_fields(
        {
            "This installation": state.here.label,
            "Sends from": (row.label or "nowhere")
            if row
            else "not decided yet: the first installation that uses this database will send its emails",
            "Last used": f"{row.counted_at:%Y-%m-%d %H:%M} UTC" if row else None,
            "Since": f"{row.adopted_at:%Y-%m-%d %H:%M} UTC{f', allowed by {row.adopted_by}' if row.adopted_by else ''}"
            if row
            else None,
        }
    )
    print_text("")
    print_rows(
        ("Waiting to be sent", "When (UTC)", "People"),
        ((each.what, _when(each), f"{each.people:,}") for each in sends),
        empty="No emails are waiting to be sent.",
    )
    print_text(f"\n{state.problem or 'This installation can send emails.'}")


def _when(sends: "PendingSend") -> str:
    if sends.is_held:
        return "when you select “Send” again"
    if sends.at is None:
        return "immediately"
    return f"{sends.at:%Y-%m-%d %H:%M}{': due now' if sends.is_due else ''}"


def _document(state: "InstanceStatus", sends: "list[PendingSend]") -> dict[str, object]:
    row = state.row
    return {
        "may_send": not state.problem,
        "problem": state.problem,
        "here": state.here.label,
        "last_at": row.label if row else "",
        "counted_at": row.counted_at if row else None,
        "adopted_by": row.adopted_by if row else "",
        "adopted_at": row.adopted_at if row else None,
        "pending_sends": [each.to_dict() for each in sends],
    }
