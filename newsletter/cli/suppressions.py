"""`newsletter suppressions …`: what SendGrid and the press know about who must not be mailed."""

from typing import Annotated

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.sending import suppression_sync
from subscribers import suppression
from subscribers.consent import ConsentSource
from subscribers.models import SourceKind

app = typer.Typer(no_args_is_help=True, help="Take over SendGrid's suppressions, or give it ours.")


@app.command()
def pull(as_json: JsonOption = False) -> None:
    """Take over bounces, complaints, invalid addresses and unsubscribes from SendGrid; safe to repeat.

    It is also done before each mailing.

    Example: `newsletter suppressions pull`
    """
    pulled = suppression_sync.pull_suppressions()
    if as_json:
        print_json([{"list": each.kind, "read": each.read, "new": each.new} for each in pulled])
        return
    print_rows(("List", "Read", "New here"), ((each.kind, each.read, each.new) for each in pulled), empty="")


@app.command()
def push(as_json: JsonOption = False) -> None:
    """Give SendGrid the addresses that must not be mailed, as global unsubscribes, as far as they are known.

    Erased people are kept only as digests, so they cannot be given. Nothing is ever deleted at SendGrid.

    Example: `newsletter suppressions push`
    """
    pushed = suppression_sync.push_suppressions()
    if as_json:
        print_json({"pushed": pushed})
    else:
        print_text(
            f"SendGrid now holds {pushed} addresses of ours." if pushed else "There was nobody to give."
        )


@app.command("discard-key")
def discard_key(
    key_id: Annotated[str, typer.Argument(help="The name of the key, as `newsletter doctor` says it.")],
    why: Annotated[str, typer.Option(help="Why; it is logged.")],
    as_json: JsonOption = False,
) -> None:
    """End the suppressions of a secret key that is lost for good: nobody can tell any more whom they were about.

    Only where no machine and no backup has the key: whoever was erased or complained under it may be mailed again.

    Example: `newsletter suppressions discard-key 1a2b3c4d5e6f --why "the disk and all backups burnt"`
    """
    actor = require_role(Role.ADMINISTRATOR, "Giving up a secret key")
    ended = suppression.give_up_key(key_id, ConsentSource(SourceKind.EDITOR, actor.name), why=why)
    if as_json:
        print_json({"ended": ended})
    else:
        print_text(f"Ended {ended:,} suppressions.")
