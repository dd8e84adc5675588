"""What is stored of an imported file in its folder: the file, what we understood, the check, and the rows left out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from newsletter.background_jobs import job_files
from newsletter.errors import Invalid
from newsletter.people_files.models import ImportedFile
from subscribers.imports.column_mapping import Column, ColumnMapping
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import FilePreview, ImportOutcome

UPLOAD, LOOK, CHECK, LEFT_OUT = "upload", "look.json", "check.json", "left-out.csv"
SAMPLES, LONGEST_SAMPLE = 3, 40
REMOVED = "This file is no longer available, because we delete files after a day. Upload it again."


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as it was understood without anybody's answers, with some of its first values."""

    number: int
    heading: str
    target: str
    is_in_doubt: bool
    is_understood: bool
    is_blank: bool
    samples: list[str]
    consent_too: str = ""

    @property
    def column(self) -> Column:
        """The column for the mapping."""
        return Column(
            self.number,
            self.heading,
            self.target,
            self.is_in_doubt,
            self.is_understood,
            self.is_blank,
            consent_too=self.consent_too,
        )


@dataclass(frozen=True, slots=True)
class StoredLook:
    """What a file is. With `sheets`, somebody has to choose one of them first, and there are no columns yet.

    `is_text`: it has an encoding and a separator, of which somebody can choose others. A workbook has neither.
    """

    encoding: str = ""
    delimiter: str = ""
    service: str = ""
    has_headings: bool = False
    columns: list[StoredColumn] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    is_text: bool = True

    @property
    def mapping(self) -> ColumnMapping:
        """The columns as they were understood."""
        return ColumnMapping(tuple(each.column for each in self.columns))


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A column that could say that people must not be emailed. `by_value`: each of its values needs a meaning.

    `is_about_dates`: it could say instead when people gave their details.
    """

    number: int
    title: str
    values: list[str]
    by_value: bool
    is_about_dates: bool = False


class StoredRefusal(NamedTuple):
    """A row that is refused: its number, why, and the beginning of what it says, which older checks leave out."""

    row: int
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """What an import would do, or did: the counts, the first rows that are refused, and what to know of the file."""

    counts: dict[str, int] = field(default_factory=dict)
    first_refused: list[StoredRefusal] = field(default_factory=list)
    questions: list[StoredQuestion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    odd_rows: list[int] = field(default_factory=list)
    odd_count: int = 0
    list: int = 0


def folder_of(file: ImportedFile) -> Path:
    """Return the folder of a file. Raises Invalid if it was removed."""
    if not file.folder or not job_files.exists(file.folder):
        raise Invalid(REMOVED)
    return job_files.folder_of(file.folder)


def upload_of(file: ImportedFile) -> Path:
    """Return the path of the file as it was uploaded. Raises Invalid if it was removed."""
    path = folder_of(file) / UPLOAD
    if not path.exists():
        raise Invalid(REMOVED)
    return path


def options_of(file: ImportedFile) -> ImportOptions:
    """Return the importer's answers."""
    return ImportOptions(**file.answers)


def store_look(file: ImportedFile, look: FilePreview) -> None:
    """Store what was understood of a file."""
    found = look.guess
    columns = [
        StoredColumn(
            one.number,
            one.heading,
            one.target,
            one.is_in_doubt,
            one.is_understood,
            one.is_blank,
            _samples(found.first_rows, one.index),
            one.consent_too,
        )
        for one in found.mapping.columns
    ]
    stored = StoredLook(
        look.encoding,
        found.delimiter,
        found.service,
        found.has_headings,
        columns,
        is_text=not look.is_converted,
    )
    write(folder_of(file) / LOOK, asdict(stored))


def store_sheets(file: ImportedFile, sheets: list[str]) -> None:
    """Store the sheets of a workbook, of which somebody has to choose one."""
    write(folder_of(file) / LOOK, asdict(StoredLook(sheets=sheets)))


def look_of(file: ImportedFile) -> StoredLook | None:
    """Return what was understood of a file, or None if nobody has looked yet."""
    stored = read(folder_of(file) / LOOK)
    if stored is None:
        return None
    columns = [StoredColumn(**each) for each in stored.pop("columns")]
    return StoredLook(columns=columns, **stored)


def store_check(file: ImportedFile, outcome: ImportOutcome, *, number_of_list: int) -> None:
    """Store what an import would do, or did."""
    stored = StoredCheck(
        {} if outcome.questions else outcome.counts(),
        [StoredRefusal(one.row, one.reason, one.text) for one in outcome.first_refused],
        [
            StoredQuestion(
                each.column.number,
                each.column.title,
                list(each.values),
                bool(each.column.consent_field),
                each.is_about_dates,
            )
            for each in outcome.questions
        ],
        outcome.notes,
        outcome.odd_rows,
        outcome.odd_count,
        number_of_list,
    )
    write(folder_of(file) / CHECK, asdict(stored))


def check_of(file: ImportedFile) -> StoredCheck | None:
    """Return the report of the check or of the import. None if there is none, or it was removed."""
    if not file.folder or not job_files.exists(file.folder):
        return None
    stored = read(folder_of(file) / CHECK)
    if stored is None:
        return None
    questions = [StoredQuestion(**each) for each in stored.pop("questions")]
    refused = [StoredRefusal(*each) for each in stored.pop("first_refused")]
    return StoredCheck(questions=questions, first_refused=refused, **stored)


def forget_check(file: ImportedFile) -> None:
    """Remove the report of an earlier check."""
    (folder_of(file) / CHECK).unlink(missing_ok=True)


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document, whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(document), encoding="utf-8")
    unfinished.replace(path)


def read(path: Path) -> dict[str, Any] | None:
    """Read a document, or return None if there is none."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return document


def _samples(rows: tuple[list[str], ...], index: int) -> list[str]:
    cells = (" ".join(row[index].split())[:LONGEST_SAMPLE] for row in rows if index < len(row))
    return [cell for cell in cells if cell][:SAMPLES]
