"""`newsletter residence`: whether this database may send, and the word of a person that it may."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_facts, print_json, print_rows, print_text
from newsletter.errors import Refused
from newsletter.instance.guard import Standing, look
from newsletter.sending.pending_sends import Going, what_would_go
from newsletter.sending.rollback_guard import take_over


class Act(StrEnum):
    """What can be done beside looking."""

    TAKE = "take"


def residence(
    act: Annotated[Act | None, typer.Argument(help="`take`: let this database send from now on.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say whether this database is at home here, and what would go; a copy or a restored one sends nothing.

    `take` lets it send from here: only if the one that it was copied or restored from no longer runs. SendGrid's Email
    Logs are asked who got what meanwhile, as far as mailings are open here. What went by another transport, or with a
    key that may not read them, is not known: look through what would go, and stop it first where it has gone.

    Example: `newsletter residence take --yes`
    """
    standing, going, settled = look(), what_would_go(), 0
    if act is Act.TAKE:
        if not yes and sys.stdin.isatty():
            _print(standing, going)
            if not typer.confirm("The other one no longer runs, and all of this may go from here?"):
                raise Refused("Nothing was changed.")
        elif not yes:
            raise Refused("Say --yes if the other one no longer runs.")
        _row, settled = take_over()
        standing, going = look(), what_would_go()
    if as_json:
        print_json({**_facts(standing, going), "already_got_it": settled})
        return
    _print(standing, going)
    if settled:
        print_text(f"{settled:,} people who were to get it already had it, by SendGrid's Email Logs.")


def _print(standing: Standing, going: list[Going]) -> None:
    row = standing.row
    print_facts(
        {
            "Here": standing.here.words,
            "At home": (row.words or "nowhere") if row else "nowhere yet: here, once it is used",
            "Last there": f"{row.held_at:%Y-%m-%d %H:%M} UTC" if row else None,
            "Since": f"{row.taken_at:%Y-%m-%d %H:%M} UTC, said {row.taken_by or 'nobody'}" if row else None,
        }
    )
    print_text("")
    print_rows(
        ("What would go", "When (UTC)", "People"),
        ((each.what, _when(each), f"{each.people:,}") for each in going),
        empty="Nothing would go.",
    )
    print_text(f"\n{standing.problem or 'It sends from here.'}")


def _when(going: Going) -> str:
    if going.at is None:
        return "at once"
    return f"{going.at:%Y-%m-%d %H:%M}{': at once' if going.is_due else ''}"


def _facts(standing: Standing, going: list[Going]) -> dict[str, object]:
    row = standing.row
    return {
        "at_home": not standing.problem,
        "problem": standing.problem,
        "here": standing.here.words,
        "last_at": row.words if row else "",
        "held_at": row.held_at if row else None,
        "taken_by": row.taken_by if row else "",
        "taken_at": row.taken_at if row else None,
        "would_go": [each.to_dict() for each in going],
    }
