"""`newsletter suppressions …`: exchange suppressed addresses with SendGrid."""

from typing import Annotated

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.sending import suppression_sync
from subscribers import suppression
from subscribers.consent import ConsentSource
from subscribers.models import SourceKind
from subscribers.text import counted

app = typer.Typer(no_args_is_help=True, help="Exchange suppressed addresses with SendGrid.")


@app.command()
def pull(as_json: JsonOption = False) -> None:
    """Pull bounces, complaints, invalid addresses and unsubscribes from SendGrid. You can repeat this safely.

    This also happens before each mailing.

    Example: `newsletter suppressions pull`
    """
    pulled = suppression_sync.pull_suppressions()
    if as_json:
        print_json([{"list": each.kind, "read": each.read, "new": each.new} for each in pulled])
        return
    print_rows(("List", "Read", "New here"), ((each.kind, each.read, each.new) for each in pulled), empty="")


@app.command()
def push(as_json: JsonOption = False) -> None:
    """Push suppressed addresses to SendGrid, as global unsubscribes.

    We keep only digests of erased people, so their addresses cannot be pushed. Nothing is ever deleted at
    SendGrid.

    Example: `newsletter suppressions push`
    """
    pushed = suppression_sync.push_suppressions()
    if as_json:
        print_json({"pushed": pushed})
    else:
        print_text(
            f"SendGrid now holds our suppressed addresses: {pushed}."
            if pushed
            else "There were no addresses to push."
        )


@app.command("discard-key")
def discard_key(
    key_id: Annotated[str, typer.Argument(help="ID of the key, as shown by `newsletter doctor`.")],
    why: Annotated[str, typer.Option(help="The reason. It is logged.")],
    as_json: JsonOption = False,
) -> None:
    """Discard the suppressions made with a secret key that is lost for good, since we cannot match them to
    addresses.

    Only do this if no machine and no backup has the key. People who were erased or complained under it may be
    mailed again.

    Example: `newsletter suppressions discard-key 1a2b3c4d5e6f --why "the disk and all backups burnt"`
    """
    actor = require_role(Role.ADMINISTRATOR, "Discarding a secret key")
    ended = suppression.give_up_key(key_id, ConsentSource(SourceKind.EDITOR, actor.name), why=why)
    if as_json:
        print_json({"ended": ended})
    else:
        print_text(f"Discarded {counted(ended, 'suppression', 'suppressions')}.")
