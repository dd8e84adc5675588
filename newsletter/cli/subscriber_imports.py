"""`newsletter subscribers import`: many people at once."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from newsletter.accounts import audit_log
from newsletter.cli.output import (
    JsonOption,
    print_fields,
    print_json,
    print_rows,
    print_text,
    progress,
    whole_file,
)
from newsletter.errors import Invalid, NotFound
from subscribers.imports.column_mapping import FIELDS
from subscribers.imports.detect_format import DELIMITERS
from subscribers.imports.run_import import FilePreview, ImportOptions, ImportOutcome, import_people
from subscribers.lists import find_list

KILOBYTE = 1_000
COUNTS = {
    "added": "added",
    "changed": "changed",
    "unchanged": "unchanged",
    "refused": "refused",
    "suppressed": "kept out: suppressed",
    "unsubscribed": "kept out: unsubscribed",
    "duplicates": "again in the file",
    "rows": "rows in all",
}

FileArgument = Annotated[str, typer.Argument(help="A CSV file; - is standard input.")]


def import_(
    file: FileArgument,
    *,
    list_slug: Annotated[str, typer.Option("--list", help="The list that they join.")],
    consent: Annotated[
        str, typer.Option(help="Where these people's consent comes from; it is logged for each.")
    ],
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=FIELD, the column by heading or number; may be given again."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen and change nothing.")
    ] = False,
    refused: Annotated[
        Path | None, typer.Option(help="Write the rows that were left out here, with the reasons.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="The file's encoding; guessed unless given.")] = "",
    delimiter: Annotated[str, typer.Option(help="The file's delimiter; guessed unless given.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Import people from a CSV file of any origin. Safe to repeat, safe to interrupt; who left stays away.

    Example: `newsletter subscribers import people.csv --list news --consent "Sign-up sheet, 3 May" --dry-run`
    """
    mailing_list = find_list(list_slug)
    wishes = ImportOptions(choices=mapped or (), encoding=encoding, delimiter=_delimiter(delimiter))
    if refused and refused.exists() and refused.resolve() == Path(file).resolve():
        raise Invalid(f"--refused {refused} would overwrite the file that is imported: name another.")
    with (
        _opened(file) as (stream, name, size),
        whole_file(refused) as report,
        progress(f"Reading {name} (kB)", size and size // KILOBYTE) as advance,
    ):
        outcome = import_people(
            stream,
            mailing_list,
            consent=consent,
            name=name,
            wishes=wishes,
            dry_run=dry_run,
            report=report,
            advance=lambda read: advance(read // KILOBYTE),
        )
    if not dry_run:
        counts = {name: number for name, number in outcome.counts().items() if number}
        said = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        audit_log.write(
            "import",
            f"Imported people into the list {mailing_list.slug}: {said}.",
            thing=f"list {mailing_list.pk}",
            changes={name: [0, number] for name, number in counts.items()},
        )
    if as_json:
        print_json(_document(outcome))
    else:
        _print_outcome(outcome, refused)


@contextmanager
def _opened(file: str) -> Iterator[tuple[BinaryIO, str, int | None]]:
    if file == "-":
        yield sys.stdin.buffer, "standard input", None
        return
    path = Path(file)
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"There is no file {file}.") from None
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from None
    with stream:
        yield stream, path.name, path.stat().st_size


def _delimiter(given: str) -> str:
    by_name = {name: sign for sign, name in DELIMITERS.items()} | {"\\t": "\t"}
    sign = by_name.get(given, given)
    if len(sign) > 1 or sign in {'"', "\n", "\r"}:
        raise Invalid(f"“{given}” is no delimiter: give one sign, or {', '.join(DELIMITERS.values())}.")
    return sign


def _document(outcome: ImportOutcome) -> dict[str, Any]:
    look = outcome.look
    assert look is not None
    return {
        **outcome.counts(),
        "dry_run": outcome.dry_run,
        "encoding": look.encoding,
        "delimiter": look.guess.delimiter,
        "service": look.guess.service,
        "language": look.guess.language,
        "columns": [{"heading": one.heading, "target": one.target} for one in look.mapping.columns],
        "first_refused": [{"row": one.row, "reason": one.reason} for one in outcome.first_refused],
        "rows_in_another_encoding": outcome.odd_count,
    }


def _print_outcome(outcome: ImportOutcome, refused: Path | None) -> None:
    assert outcome.look is not None
    _print_look(outcome.look)
    if outcome.odd_count:
        rows = ", ".join(map(str, outcome.odd_rows[:10]))
        print_text(
            f"{outcome.odd_count:,} rows are not UTF-8 and were read as Windows-1252, the first: {rows}."
        )
    print_rows(["Row", "Refused because"], [(one.row, one.reason) for one in outcome.first_refused], empty="")
    print_fields({COUNTS[name]: f"{number:,}" for name, number in outcome.counts().items() if name in COUNTS})
    left_out = outcome.refused + outcome.suppressed + outcome.unsubscribed + outcome.duplicates
    if refused:
        print_text(f"Every row that was left out is in {refused}, with the reason.")
    elif left_out > len(outcome.first_refused):
        print_text("Give --refused FILE for every row that was left out, with the reason.")
    if outcome.dry_run:
        print_text("This was a dry run: nothing has changed.")


def _print_look(look: FilePreview) -> None:
    found = look.guess
    headings = f"in {found.language}" if found.language else ("not known" if found.has_headings else "none")
    print_fields(
        {
            "Origin": found.service or "not recognised",
            "Encoding": look.encoding,
            "Delimiter": DELIMITERS.get(found.delimiter, found.delimiter),
            "Headings": headings,
        }
    )
    print_rows(
        ["Column", "Heading", "Becomes", "First row"],
        (
            (one.number, one.heading, _meaning(one.target), _sample(found.first_rows, one.index))
            for one in look.mapping.columns
        ),
        empty="",
    )


def _meaning(target: str) -> str:
    kind, _, name = target.partition(":")
    return f"{kind} {name}" if name else FIELDS[target]


def _sample(rows: tuple[list[str], ...], index: int) -> str:
    return next((row[index][:30].strip() for row in rows if index < len(row) and row[index].strip()), "")
