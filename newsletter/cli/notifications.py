"""`newsletter notices list`, `newsletter users tell`: what editors were told, and who is."""

from collections import Counter
from typing import Annotated, Any

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.notifications.log import Told, told
from newsletter.notifications.models import State
from newsletter.notifications.recipients import set_mail

app = typer.Typer(no_args_is_help=True, help="What editors were told.")


@app.callback()
def notices() -> None:
    """What editors were told."""


@app.command("list")
def list_notices(
    last: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=10_000)] = 30,
    as_json: JsonOption = False,
) -> None:
    """Print what editors were told, and whether its mails and posts have gone.

    Example: `newsletter notices list --last 5`
    """
    found = told(last)
    if as_json:
        print_json([document_of(each) for each in found])
        return
    print_rows(
        ("When", "What", "Mails", "Hooks"),
        (
            (f"{each.notice.made_at:%Y-%m-%d %H:%M}", each.notice, _words(each.mails), _words(each.posts))
            for each in found
        ),
        empty="Nothing was told yet.",
    )


def tell(
    name: Annotated[str, typer.Argument(help="The name that they log in with.")],
    mail: Annotated[bool, typer.Option("--mail/--no-mail", help="Whether they are mailed what happens.")],
    as_json: JsonOption = False,
) -> None:
    """Mail somebody what happens, or do not. At first everybody is who has a role and an address.

    Example: `newsletter users tell ruth --no-mail`
    """
    set_mail(name, wanted=mail)
    if as_json:
        print_json({"name": name, "mail": mail})
    else:
        print_text(f"{name} is mailed what happens." if mail else f"{name} is not mailed what happens.")


def document_of(each: Told) -> dict[str, Any]:
    """A notice as programs see it."""
    notice = each.notice
    return {
        "kind": notice.kind,
        "made_at": notice.made_at,
        "publication": notice.publication.slug if notice.publication else None,
        "subject": notice.subject,
        "text": notice.text,
        "link": notice.link,
        "facts": notice.facts,
        "mails": {state.value: each.mails[state] for state in State},
        "posts": {state.value: each.posts[state] for state in State},
    }


def _words(counted: Counter[State]) -> str:
    return ", ".join(f"{counted[state]} {state.value}" for state in State if counted[state]) or "none"
