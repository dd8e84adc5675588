"""What every command uses to present results: JSON for programs, tables and progress bars for people.

rich is imported only where it is used: without it, a command called by a program starts a tenth faster.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated, Any, TextIO

import orjson
import typer
from django.conf import settings

from newsletter.errors import Invalid
from newsletter.logs import RedactingJsonFormatter

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for use in programs.")]

Advance = Callable[[int], None]
SECONDS_BEFORE_A_BAR = 2.0


def print_json(document: Any) -> None:
    """Print a document as indented JSON on standard output; dates become ISO 8601 in UTC."""
    sys.stdout.write(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows as a table that fits the terminal, or `empty` if `rows` is empty."""
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    print_text(table if table.row_count else empty)


def print_fields(facts: Mapping[str, object]) -> None:
    """Print names and values, one per line."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in facts.items():
        table.add_row(name, "" if value is None else str(value))
    print_text(table)


def in_words(value: object) -> str:
    """Return a value of a JSON document as people read it: one line for each part that has parts of its own."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name}: {in_words(part)}" for name, part in value.items() if part not in (None, "")
        )
    if isinstance(value, list | tuple):
        has_lines = any(isinstance(part, Mapping) or ": " in str(part) for part in value)
        return ("\n" if has_lines else ", ").join(map(in_words, value))
    return "" if value is None else str(value)


def print_text(content: object) -> None:
    """Print for a person: wrapped to the width of a terminal, but never when piped."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False, markup=False).print(content)


def print_status(sentence: str) -> None:
    """Print a status message of a long-running process in the format of its log, so that it can be parsed like
    one.
    """
    if settings.NEWSLETTER.log_format == "json":
        said = {"name": "newsletter.cli", "levelname": "INFO", "levelno": logging.INFO, "msg": sentence}
        sys.stdout.write(RedactingJsonFormatter().format(logging.makeLogRecord(said)) + "\n")
        sys.stdout.flush()
    elif sys.stdout.isatty():
        print_text(sentence)
    else:
        # Without rich, which such a process would keep for ever.
        print(sentence, flush=True)


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance]:
    """Show a progress bar in a terminal for work that takes longer than two seconds. Yields `advance(done)`."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(title, total=total)
    started = time.monotonic()

    def advance(done: int) -> None:
        bar.update(task, advance=done)
        if not bar.live.is_started and time.monotonic() - started > SECONDS_BEFORE_A_BAR:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()


@contextmanager
def whole_file(path: Path | None) -> Iterator[TextIO | None]:
    """Open a file for writing that appears at its path only when it is complete. Without a path, nothing is
    written.
    """
    if path is None:
        yield None
        return
    if path.is_dir():
        raise Invalid(f"{path} is a folder. Give the name of a file.")
    try:
        handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise Invalid(f"We could not write {path}: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            yield file
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
