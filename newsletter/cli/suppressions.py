"""`newsletter suppressions …`: exchange suppressed addresses with SendGrid."""

from typing import Annotated

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.sending import sync_sendgrid_suppressions
from subscribers import suppression
from subscribers.consent import ConsentSource
from subscribers.models import SourceKind
from subscribers.phrases import counted

app = typer.Typer(
    no_args_is_help=True, help="Exchange suppressed addresses (those that we must not send to) with SendGrid."
)


@app.command()
def pull(as_json: JsonOption = False) -> None:
    """Suppress the addresses on SendGrid's lists of bounces, invalid emails, spam reports and unsubscribes. You
    can repeat this safely.

    This also happens before each mailing.

    Example: `newsletter suppressions pull`
    """
    require_role(Role.SENDER, "Exchanging suppressions")
    pulled = sync_sendgrid_suppressions.pull_suppressions()
    if as_json:
        print_json([{"list": each.kind, "read": each.read, "new": each.new} for each in pulled])
        return
    print_rows(
        ("List", "Read", "Newly suppressed"), ((each.kind, each.read, each.new) for each in pulled), empty=""
    )


@app.command()
def push(as_json: JsonOption = False) -> None:
    """Add our suppressed addresses to SendGrid's global unsubscribes.

    We do not know the addresses of people whose data was erased, so we cannot push those. We never delete anything
    in SendGrid.

    Example: `newsletter suppressions push`
    """
    require_role(Role.SENDER, "Exchanging suppressions")
    pushed = sync_sendgrid_suppressions.push_suppressions()
    if as_json:
        print_json({"pushed": pushed})
    else:
        print_text(
            f"SendGrid now has all our suppressed addresses. We pushed {pushed}."
            if pushed
            else "There were no new addresses to push to SendGrid."
        )


@app.command("discard-key")
def discard_key(
    key_id: Annotated[str, typer.Argument(help="ID of the key. To see it, run `newsletter doctor`.")],
    why: Annotated[str, typer.Option(help="Reason for discarding the key. We log it.")],
    as_json: JsonOption = False,
) -> None:
    """Delete the suppressions that need a lost secret key. Without the key, we cannot tell which addresses they
    are for.

    Only do this if you have no copy of the key on any machine or in any backup. Afterwards, we could send emails again
    to people who complained or whose data was erased.

    Example: `newsletter suppressions discard-key 1a2b3c4d5e6f --why "the disk and all backups are lost"`
    """
    actor = require_role(Role.ADMINISTRATOR, "Discarding a secret key")
    ended = suppression.give_up_key(key_id, ConsentSource(SourceKind.EDITOR, actor.name), why=why)
    if as_json:
        print_json({"ended": ended})
    else:
        print_text(f"Deleted {counted(ended, 'suppression', 'suppressions')} that needed the lost key.")
