"""`newsletter subscribers import`: add many people at once."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.cli.import_options import (
    BasisOption,
    CollectedOnOption,
    ConsentOption,
    DelimiterOption,
    DryRunOption,
    EncodingOption,
    EveryoneOption,
    IgnoredOption,
    ListSlugOption,
    MappedOption,
    OwnDetailsOption,
    ReceivedOnOption,
    RefusedOption,
    SheetOption,
)
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
from subscribers.imports.detect_layout import DELIMITERS
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.import_records import CAN_BE_UNDONE
from subscribers.imports.run_import import FilePreview, ImportOutcome, import_people
from subscribers.lists import find_list
from subscribers.models import List
from subscribers.phrases import counted

KILOBYTE = 1_000
COUNTS = {
    "added": "added",
    "changed": "changed",
    "unchanged": "unchanged",
    "refused": "refused",
    "suppressed": "left out: suppressed",
    "unsubscribed": "left out: unsubscribed",
    "duplicates": "left out: repeated in the file",
    "rows": "rows in total",
}

FileArgument = Annotated[
    str,
    typer.Argument(
        help=(
            "File to import: CSV, a spreadsheet (XLSX or ODS) or contact cards (vCard). Use - for "
            "standard input."
        )
    ),
]


def import_(
    file: FileArgument,
    *,
    list_slug: ListSlugOption,
    consent: ConsentOption,
    mapped: MappedOption = None,
    ignored: IgnoredOption = None,
    dry_run: DryRunOption = False,
    refused: RefusedOption = None,
    encoding: EncodingOption = "",
    delimiter: DelimiterOption = "",
    sheet: SheetOption = "",
    everyone: EveryoneOption = "",
    basis: BasisOption = "",
    collected_on: CollectedOnOption = None,
    own_details: OwnDetailsOption = False,
    received_on: ReceivedOnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import people from a file. You can interrupt the import and run it again safely. People who
    unsubscribed are not subscribed again.

    Example: `newsletter subscribers import people.csv --list news --consent "Sign-up sheet, 3 May" --dry-run`
    """
    require_role(Role.ADMINISTRATOR, "Importing people")
    mailing_list = find_list(list_slug)
    wishes = ImportOptions(
        choices=mapped or (),
        ignored=ignored or (),
        encoding=encoding,
        delimiter=_delimiter(delimiter),
        sheet=sheet,
        everyone=everyone,
        basis=basis,
        collected_on=_day(collected_on),
        own_details="yes" if own_details else "",
        received_on=_day(received_on),
    )
    _refuse_to_overwrite(file, refused)
    with _opened(file) as (stream, name, size), whole_file(refused) as report:
        with progress(f"Reading {name} (kB)", size and size // KILOBYTE) as advance:
            outcome = import_people(
                stream,
                mailing_list,
                consent=consent,
                name=name,
                by=current_actor().name,
                wishes=wishes,
                dry_run=dry_run,
                report=report,
                advance=lambda read: advance(read // KILOBYTE),
            )
        # Within whole_file, so that no unfinished file of refused rows is saved.
        _stop_at_questions(outcome, as_json=as_json)
    if not dry_run:
        _write_audit_log(mailing_list, outcome)
    _present(outcome, refused, as_json=as_json)


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def _stop_at_questions(outcome: ImportOutcome, *, as_json: bool) -> None:
    if outcome.questions:
        _print_questions(outcome, as_json=as_json)
        raise typer.Exit(1)


def _present(outcome: ImportOutcome, refused: Path | None, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(outcome))
    else:
        _print_outcome(outcome, refused)


def _refuse_to_overwrite(file: str, refused: Path | None) -> None:
    if refused and refused.exists() and refused.resolve() == Path(file).resolve():
        raise Invalid(
            f"--refused {refused} would overwrite the file that you are importing. Choose a different file."
        )


def _write_audit_log(mailing_list: List, outcome: ImportOutcome) -> None:
    counts = {name: number for name, number in outcome.counts().items() if number}
    said = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    audit_log.write(
        "import",
        f"Imported people into the list {mailing_list.slug}: {said}. {outcome.record}.",
        thing=f"list {mailing_list.pk}",
        changes={name: [0, number] for name, number in counts.items()},
    )


@contextmanager
def _opened(file: str) -> Iterator[tuple[BinaryIO, str, int | None]]:
    if file == "-":
        yield sys.stdin.buffer, "standard input", None
        return
    path = Path(file)
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"The file {file} does not exist.") from None
    except OSError as error:
        raise Invalid(f"We could not read {file}: {error.strerror}.") from None
    with stream:
        yield stream, path.name, path.stat().st_size


def _delimiter(given: str) -> str:
    by_name = {name: sign for sign, name in DELIMITERS.items()} | {"\\t": "\t"}
    sign = by_name.get(given, given)
    if len(sign) > 1 or sign in {'"', "\n", "\r"}:
        raise Invalid(
            f"“{given}” cannot be used as a delimiter. Give a single character, or one of "
            f"{', '.join(DELIMITERS.values())}."
        )
    return sign


def _document(outcome: ImportOutcome) -> dict[str, Any]:
    look = outcome.look
    assert look is not None
    # While there are questions, nobody knows the figures.
    counts = dict.fromkeys(outcome.counts()) if outcome.questions else outcome.counts()
    return {
        **counts,
        "import": outcome.record and outcome.record.pk,
        "dry_run": outcome.dry_run,
        "encoding": look.encoding,
        "delimiter": look.guess.delimiter,
        "service": look.guess.service,
        "language": look.guess.language,
        "columns": [{"heading": one.heading, "target": one.target} for one in look.mapping.columns],
        "first_refused": [{"row": one.row, "reason": one.reason} for one in outcome.first_refused],
        "rows_in_another_encoding": outcome.odd_count,
        "questions": [
            {
                "column": one.column.heading or one.column.number,
                "values": one.values,
                "sentence": one.sentence,
            }
            for one in outcome.questions
        ],
        "notes": outcome.notes,
    }


def _print_questions(outcome: ImportOutcome, *, as_json: bool) -> None:
    """Print what must be answered first, and no figures, because they depend on the answers."""
    if as_json:
        print_json(_document(outcome))
        return
    assert outcome.look is not None
    for question in outcome.questions:
        print_text(question.sentence)
    print_text(
        "Run the command again with --map or --ignore for each of these columns. Until then, nobody can be imported. "
        "This was a dry run, so nothing was changed."
    )
    _print_look(outcome.look)
    for note in outcome.notes:
        print_text(note)


def _print_outcome(outcome: ImportOutcome, refused: Path | None) -> None:
    assert outcome.look is not None
    _print_look(outcome.look)
    if outcome.odd_count:
        rows = ", ".join(map(str, outcome.odd_rows[:10]))
        print_text(
            f"We read {counted(outcome.odd_count, 'row', 'rows')} as Windows-1252, because of "
            f"characters that are not valid in UTF-8. Check these rows for wrong characters: {rows}."
        )
    for note in outcome.notes:
        print_text(note)
    print_rows(["Row", "Refused because"], [(one.row, one.reason) for one in outcome.first_refused], empty="")
    print_fields({COUNTS[name]: f"{number:,}" for name, number in outcome.counts().items() if name in COUNTS})
    left_out = outcome.refused + outcome.suppressed + outcome.unsubscribed + outcome.duplicates
    if refused:
        print_text(f"We saved the rows that were left out, with the reasons, in {refused}.")
    elif left_out > len(outcome.first_refused):
        print_text("To save the rows that were left out, with the reasons, use --refused FILE.")
    if outcome.record:
        print_text(
            f"This is import {outcome.record.pk}. You can undo it within {CAN_BE_UNDONE.days} days with "
            f"`newsletter subscribers undo-import {outcome.record.pk}`."
        )
    if outcome.dry_run:
        print_text("This was a dry run, so nothing was changed.")


def _print_look(look: FilePreview) -> None:
    found = look.guess
    headings = f"in {found.language}" if found.language else ("unknown" if found.has_headings else "none")
    print_fields(
        {
            "Origin": found.service or "not recognised",
            "Encoding": look.encoding,
            "Delimiter": DELIMITERS.get(found.delimiter, found.delimiter),
            "Headings": headings,
        }
    )
    print_rows(
        ["Column", "Heading", "Imported as", "First row"],
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
