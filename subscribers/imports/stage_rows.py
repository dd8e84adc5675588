"""Reads every row of a file into the staging table, and reports those that are refused."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from subscribers.imports import staging_tables
from subscribers.imports.column_mapping import ColumnMapping
from subscribers.imports.csv_records import Cells, CsvRecords, UnreadableRow
from subscribers.imports.decode_text_lines import DecodedLines
from subscribers.imports.detect_layout import DetectedFormat, without_delimiter_line
from subscribers.imports.import_report import ImportReport
from subscribers.imports.row_to_person import RowReader
from subscribers.imports.stage_or_refuse_row import RejectedRow, StagedRow


def stage_rows(
    lines: DecodedLines,
    guess: DetectedFormat,
    mapping: ColumnMapping,
    reader: RowReader,
    *,
    report: ImportReport,
    advance: Callable[[int], None],
) -> int:
    """Read every row into the staging table, and return how many were read. `advance` is told how many bytes."""
    rows: Iterator[tuple[int, Cells | UnreadableRow]] = iter(
        CsvRecords(
            guess.table.within(without_delimiter_line(lines)),
            guess.delimiter,
            width=guess.width,
            address_at=mapping.index_of("address"),
        )
    )
    if guess.has_headings:
        rows = _without_headings(rows)
    people = reader.read(rows)
    with_digests = staging_tables.anybody_suppressed()
    staged, told = 0, 0
    while found := list(islice(people, staging_tables.BATCH)):
        batch = _without_refused(found, report)
        staging_tables.stage(batch, with_digests=with_digests)
        staged += len(batch)
        advance(lines.bytes_read - told)
        told = lines.bytes_read
    return staged


def _without_headings(
    rows: Iterator[tuple[int, Cells | UnreadableRow]],
) -> Iterator[tuple[int, Cells | UnreadableRow]]:
    for _row, cells in rows:
        if not isinstance(cells, UnreadableRow) and any(map(str.strip, cells)):
            break
    return rows


def _without_refused(found: Iterable[StagedRow | RejectedRow], report: ImportReport) -> list[StagedRow]:
    people = []
    for one in found:
        if isinstance(one, RejectedRow):
            report.refuse(one)
        else:
            people.append(one)
    return people
