"""`newsletter worker`: send what is due, in a separate process. Any number can run at the same time."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from django.conf import settings

from newsletter.cli.child_processes import UntilEof, run_as_child_process
from newsletter.cli.output import JsonOption, print_json, print_status
from newsletter.cli.startup_checks import require_ready
from newsletter.logs import log_everything
from newsletter.sending.engines import THREADS, make_worker
from newsletter.sending.models import Recipient
from newsletter.stop_signals import stopped_by_signals
from subscribers.phrases import counted

if TYPE_CHECKING:
    from newsletter.sending.post_result import PostResult


class EngineName(StrEnum):
    """The values of `--engine`."""

    LOCAL = "local"
    PROCRASTINATE = "procrastinate"


def worker(
    engine: Annotated[
        EngineName | None,
        typer.Option(
            help=(
                "Engine that sends the emails: local or procrastinate. If left out, NEWSLETTER_ENGINE is used."
            )
        ),
    ] = None,
    threads: Annotated[
        int, typer.Option(help="Number of batches to send at the same time.", min=1, max=64)
    ] = THREADS,
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing more is due.")] = False,
    until_eof: UntilEof = False,
    as_json: JsonOption = False,
) -> None:
    """Run a worker, which sends the emails that are due, until you stop it.

    To stop the worker, press Ctrl-C or send SIGTERM. It first finishes sending the emails in progress. You can
    run any number of workers at the same time: each recipient gets an issue only once. The engine
    `procrastinate` needs PostgreSQL, and its workers can run on several machines.

    Example: `newsletter worker --engine local`
    """
    require_ready(columns=not until_eof)
    chosen = engine or EngineName(settings.NEWSLETTER.engine)
    tally = WorkSummary()
    working = make_worker(chosen, threads=threads, once=once, on_progress=tally.add)
    log_everything()
    with stopped_by_signals(working.stop):
        if until_eof:
            run_as_child_process()
        elif not once and not as_json and sys.stdout.isatty():
            print_status(
                f"Sending all emails that are due ({chosen}, {threads} threads). Press Ctrl-C to stop."
            )
        working.run()
    if as_json:
        print_json({"batches": tally.batches, **{state.value: tally.counts[state] for state in tally.counts}})
    else:
        print_status(tally.sentence())


class WorkSummary:
    """What a worker has done so far."""

    def __init__(self) -> None:
        self.batches = 0
        self.counts = dict.fromkeys(Recipient.State, 0)

    def add(self, delivery: "PostResult") -> None:
        """Count one batch."""
        self.batches += 1
        for state, count in delivery.counts.items():
            self.counts[state] += count

    def sentence(self) -> str:
        """Summarise in words what was done."""
        if not self.batches:
            return "No emails were due."
        done = ", ".join(f"{count} {state.value}" for state, count in self.counts.items() if count)
        return (
            f"Sent {counted(self.batches, 'batch', 'batches')}: {done or 'no recipients were left in them'}."
        )
