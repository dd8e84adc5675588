"""`newsletter bounces`: what came back by mail, from the mailbox that is set or from a pipe."""

import logging
import os
import sys
from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_fields, print_json
from newsletter.tracking.bounces.process_bounce import BounceResult
from newsletter.tracking.bounces.read_mailbox import read_bounces, read_from

log = logging.getLogger(__name__)

# sysexits.h, as mail servers understand it: keep the message, and try again later.
TRY_AGAIN_LATER = 75
PIECE = 1_000_000
# What Postfix's local(8) and others say of the address that a message came to.
CAME_TO = ("ORIGINAL_RECIPIENT", "RECIPIENT")


def bounces(
    pipe: Annotated[
        bool, typer.Option("--pipe", help="Read one message from standard input, as a mail server gives it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read bounces and complaints that came back by mail, and suppress or count those whom they are about.

    Reports that were dealt with are deleted from the mailbox. Replies by people, notices of absence and whatever is
    not signed by this installation stay there. With --pipe it ends with 75 when the database cannot be used, so that
    the mail server tries again later.

    Example: `newsletter bounces`
    """
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
    came_to = [os.environ[name] for name in CAME_TO if name in os.environ]
    try:
        taken = read_from(sys.stdin.buffer.read, came_to)
    except Exception as error:
        # A mail server that is told anything else throws the message away.
        log.debug("pipe", exc_info=error)
        print("newsletter: The bounce cannot be taken in now. Try again later.", file=sys.stderr)
        raise typer.Exit(TRY_AGAIN_LATER) from None
    finally:
        # A mail server takes it for a failure when not all of the message is read.
        while sys.stdin.buffer.read(PIECE):
            pass
    if as_json:
        print_json({"taken": taken.value})
