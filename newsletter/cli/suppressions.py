"""`newsletter suppressions …`: what SendGrid and the press know about who must not be mailed."""

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.sending import suppressions

app = typer.Typer(no_args_is_help=True, help="Take over SendGrid's suppressions, or give it ours.")


@app.command()
def pull(as_json: JsonOption = False) -> None:
    """Take over bounces, complaints, invalid addresses and unsubscribes from SendGrid; safe to repeat.

    It is also done before each mailing.

    Example: `newsletter suppressions pull`
    """
    pulled = suppressions.pull_suppressions()
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
    pushed = suppressions.push_suppressions()
    if as_json:
        print_json({"pushed": pushed})
    else:
        print_text(
            f"SendGrid now holds {pushed} addresses of ours." if pushed else "There was nobody to give."
        )
