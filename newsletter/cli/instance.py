"""`newsletter instance status|adopt`: show whether this database may send, and allow it to."""

import sys
from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Refused
from newsletter.instance.guard import InstanceStatus, instance_status
from newsletter.sending.pending_sends import PendingSend, pending_sends
from newsletter.sending.rollback_guard import adopt_after_rollback

app = typer.Typer(
    no_args_is_help=True,
    help="Check whether this installation may send, and allow a copied or restored database to send.",
)


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Show whether this database may send, and what would be sent. A copied or restored database sends nothing.

    Example: `newsletter instance status`
    """
    standing, going = instance_status(), pending_sends()
    if as_json:
        print_json(_document(standing, going))
    else:
        _print(standing, going)


@app.command()
def adopt(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let this database send from now on. Only do this if the original that it was copied or restored from no
    longer runs.

    For mailings that are open here, SendGrid's Email Logs are searched for people who have already got them. We
    cannot find out what was sent by another transport, or with a key that may not read Email Logs: look through
    what would be sent, and stop what was sent already.

    Example: `newsletter instance adopt --yes`
    """
    if not yes and sys.stdin.isatty():
        _print(instance_status(), pending_sends())
        if not typer.confirm("Does the original no longer run, and may all of this be sent from here?"):
            raise Refused("Nothing was changed.")
    elif not yes:
        raise Refused("Use --yes if the original no longer runs.")
    _row, settled = adopt_after_rollback()
    standing, going = instance_status(), pending_sends()
    if as_json:
        print_json({**_document(standing, going), "already_got_it": settled})
        return
    _print(standing, going)
    if settled:
        print_text(
            f"According to SendGrid's Email Logs, {settled:,} pending recipients had already got the email."
        )


def _print(standing: InstanceStatus, going: list[PendingSend]) -> None:
    row = standing.row
    print_fields(
        {
            "This installation": standing.here.label,
            "Sends from": (row.label or "nowhere")
            if row
            else "not set yet: from here, once the database is used",
            "Last used there": f"{row.counted_at:%Y-%m-%d %H:%M} UTC" if row else None,
            "Since": f"{row.adopted_at:%Y-%m-%d %H:%M} UTC{f', allowed by {row.adopted_by}' if row.adopted_by else ''}"
            if row
            else None,
        }
    )
    print_text("")
    print_rows(
        ("To be sent", "When (UTC)", "People"),
        ((each.what, _when(each), f"{each.people:,}") for each in going),
        empty="Nothing would be sent.",
    )
    print_text(f"\n{standing.problem or 'This database may send from here.'}")


def _when(going: PendingSend) -> str:
    if going.at is None:
        return "at once"
    return f"{going.at:%Y-%m-%d %H:%M}{': at once' if going.is_due else ''}"


def _document(standing: InstanceStatus, going: list[PendingSend]) -> dict[str, object]:
    row = standing.row
    return {
        "may_send": not standing.problem,
        "problem": standing.problem,
        "here": standing.here.label,
        "last_at": row.label if row else "",
        "counted_at": row.counted_at if row else None,
        "adopted_by": row.adopted_by if row else "",
        "adopted_at": row.adopted_at if row else None,
        "pending_sends": [each.to_dict() for each in going],
    }
