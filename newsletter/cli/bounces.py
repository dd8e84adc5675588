"""`newsletter bounces`: read bounces from the configured mailbox, or one message from a pipe."""

import logging
import os
import sys
from typing import Annotated

import typer

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_fields, print_json

log = logging.getLogger(__name__)

# sysexits.h: this code tells a mail server to keep the message and try again later.
TRY_AGAIN_LATER = 75
PIECE = 1_000_000
# Postfix's local(8) and other mail servers put the address that a message came to in these variables.
CAME_TO = ("ORIGINAL_RECIPIENT", "RECIPIENT")


def bounces(
    pipe: Annotated[
        bool,
        typer.Option(
            "--pipe",
            help=(
                "Read one bounce from standard input. Use this if your mail server passes each bounce to a "
                "command."
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read bounces, complaints and unsubscribe emails from the mailbox, and stop sending to the people
    concerned.

    Reports that have been processed are deleted from the mailbox. Replies from people, out-of-office messages and
    messages that this installation did not sign stay there. With --pipe, the exit code is 75 if the database
    cannot be used, so that the mail server tries again later.

    Example: `newsletter bounces`
    """
    from newsletter.tracking.bounces.process_bounce import BounceResult
    from newsletter.tracking.bounces.read_mailbox import read_bounces

    require_role(Role.SENDER, "Reading bounces")
    if pipe:
        _take_from_pipe(as_json=as_json)
        return
    read = read_bounces()
    counts = {taken.value: read[taken] for taken in BounceResult}
    if as_json:
        print_json(counts)
    else:
        print_fields(counts)


def _take_from_pipe(*, as_json: bool) -> None:
    from newsletter.tracking.bounces.read_mailbox import read_from

    came_to = [os.environ[name] for name in CAME_TO if name in os.environ]
    try:
        taken = read_from(sys.stdin.buffer.read, came_to)
    except Exception as error:
        # With any other exit code a mail server throws the message away.
        log.debug("pipe", exc_info=error)
        print("newsletter: We could not store this bounce. Try again later.", file=sys.stderr)
        raise typer.Exit(TRY_AGAIN_LATER) from None
    finally:
        # A mail server reports a failure if we do not read the whole message.
        while sys.stdin.buffer.read(PIECE):
            pass
    if as_json:
        print_json({"taken": taken.value})
