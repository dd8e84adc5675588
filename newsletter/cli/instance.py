"""`newsletter instance status|adopt`: whether this database may send, and the word of a person that it may."""

import sys
from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Refused
from newsletter.instance.guard import InstanceStatus, instance_status
from newsletter.sending.pending_sends import PendingSend, pending_sends
from newsletter.sending.rollback_guard import adopt_after_rollback

app = typer.Typer(no_args_is_help=True, help="Whether this database may send: a copied or restored one asks.")


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Say whether this database may send, and what would go; a copy or a restored one sends nothing.

    Example: `newsletter instance status`
    """
    standing, going = instance_status(), pending_sends()
    if as_json:
        print_json(_document(standing, going))
    else:
        _print(standing, going)


@app.command()
def adopt(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let this database send from now on: only if the one that it was copied or restored from no longer runs.

    SendGrid's Email Logs are asked who got what meanwhile, as far as mailings are open here. What went by another
    transport, or with a key that may not read them, is not known: look through what would go, and stop it first where
    it has gone.

    Example: `newsletter instance adopt --yes`
    """
    if not yes and sys.stdin.isatty():
        _print(instance_status(), pending_sends())
        if not typer.confirm("The other one no longer runs, and all of this may go from here?"):
            raise Refused("Nothing was changed.")
    elif not yes:
        raise Refused("Say --yes if the other one no longer runs.")
    _row, settled = adopt_after_rollback()
    standing, going = instance_status(), pending_sends()
    if as_json:
        print_json({**_document(standing, going), "already_got_it": settled})
        return
    _print(standing, going)
    if settled:
        print_text(f"{settled:,} people who were to get it already had it, by SendGrid's Email Logs.")


def _print(standing: InstanceStatus, going: list[PendingSend]) -> None:
    row = standing.row
    print_fields(
        {
            "Here": standing.here.label,
            "At home": (row.label or "nowhere") if row else "nowhere yet: here, once it is used",
            "Last there": f"{row.counted_at:%Y-%m-%d %H:%M} UTC" if row else None,
            "Since": f"{row.adopted_at:%Y-%m-%d %H:%M} UTC, said {row.adopted_by or 'nobody'}"
            if row
            else None,
        }
    )
    print_text("")
    print_rows(
        ("What would go", "When (UTC)", "People"),
        ((each.what, _when(each), f"{each.people:,}") for each in going),
        empty="Nothing would go.",
    )
    print_text(f"\n{standing.problem or 'It sends from here.'}")


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
