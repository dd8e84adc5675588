"""What the scheduler does with an imported file: look at it, check it, import it, and undo an import.

Each begins again after its process ended. An import is continued under its record, so that it counts, and is undone,
as one.
"""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from newsletter.accounts.actor import current_actor
from newsletter.accounts.role_checked_subscriber_acts import (
    log_import,
    take_back_import,
    why_not_import,
)
from newsletter.background_jobs import job_files
from newsletter.background_jobs.run_jobs import JobCancelledError, JobRun
from newsletter.errors import NotFound, Refused, refuse_if
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.stored_import_file import (
    LEFT_OUT,
    UPLOAD,
    check_of,
    folder_of,
    options_of,
    store_check,
    store_look,
    store_sheets,
    upload_of,
)
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.import_progress import ImportWatch
from subscribers.imports.import_records import find_import
from subscribers.imports.read_workbook import SeveralSheets
from subscribers.imports.run_import import ImportOutcome, import_people, preview_file
from subscribers.models import ImportChange, ImportRecord

LOOK, CHECK, IMPORT, UNDO = "look-at-file", "check-file", "import-file", "undo-import"
READING, COMPARING, IMPORTING, UNDOING = "Reading the file", "Comparing", "Importing", "Undoing"
# The consent is stated after the check.
NOT_STATED = "-"
OTHER_PEOPLE = (
    "The list was changed while the import was interrupted, so we cannot continue the import. Undo the "
    "import, then import the file again."
)
State = ImportRecord.State


def look_at_file(run: JobRun) -> Mapping[str, Any]:
    """Find out what kind of file it is and what its columns are."""
    file = file_of(run)
    refuse_if(why_not_import())
    run.tell(READING)
    answers = options_of(file)
    wishes = ImportOptions(encoding=answers.encoding, delimiter=answers.delimiter, sheet=answers.sheet)
    try:
        with upload_of(file).open("rb") as stream:
            _lines, look = preview_file(stream, wishes, needs_addresses=False)
            store_look(file, look)
    except SeveralSheets as several:
        store_sheets(file, several.sheets)
    return {}


def check_file(run: JobRun) -> Mapping[str, Any]:
    """Find out what would become of every row, without changing anything."""
    file = file_of(run)
    refuse_if(why_not_import())
    outcome = _imported(run, file, consent=NOT_STATED, dry_run=True)
    store_check(file, outcome, number_of_list=file.list_id or 0)
    return {"questions": len(outcome.questions)}


def import_file(run: JobRun) -> Mapping[str, Any]:
    """Import the people of a file, or continue to."""
    file = file_of(run)
    refuse_if(why_not_import())
    record = file.record
    if record is None or record.state == State.STARTED:
        try:
            with _report(file) as report:
                outcome = _imported(run, file, consent=file.consent, report=report)
        except JobCancelledError:
            remove_upload(file)
            raise
        store_check(file, outcome, number_of_list=file.list_id or 0)
    elif record.state != State.FINISHED:
        raise Refused("Somebody has undone this import.")
    _finish(file)
    return {}


def undo_import(run: JobRun) -> Mapping[str, Any]:
    """Undo an import, or continue to."""
    record = find_import(run.arguments["record"])
    total = _to_undo(record)
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        run.tell(UNDOING, min(done, total), total)

    outcome = take_back_import(record.pk, advance=advance)
    return dict(outcome.counts)


def file_of(run: JobRun) -> ImportedFile:
    """Return the file of a job. Raises NotFound if its row was deleted."""
    file = ImportedFile.objects.select_related("list", "record").filter(pk=run.arguments["file"]).first()
    if file is None:
        raise NotFound("This import no longer exists.")
    return file


def remove_upload(file: ImportedFile) -> None:
    """Remove the uploaded file. What was left out of it can still be downloaded for a day."""
    if file.folder:
        (job_files.folder_of(file.folder) / UPLOAD).unlink(missing_ok=True)


def _imported(
    run: JobRun, file: ImportedFile, *, consent: str, dry_run: bool = False, report: TextIO | None = None
) -> ImportOutcome:
    assert file.list is not None
    read = 0

    def advance(more: int) -> None:
        nonlocal read
        read += more
        run.tell(READING, min(read, file.size), file.size)

    def began(record: ImportRecord) -> None:
        run.hold()
        ImportedFile.objects.filter(pk=file.pk).update(record=record)
        file.record = record

    continued = None if dry_run else file.record
    expected = _people_so_far(run, file) if continued else None

    def merged(done: int, total: int) -> None:
        if expected is not None and total != expected:
            raise Refused(OTHER_PEOPLE)
        if not dry_run and "people" not in run.job.result:
            run.keep(people=total)
        run.tell(COMPARING if dry_run else IMPORTING, done, total)

    watch = ImportWatch(began=began, merged=merged, hold=run.hold, continued=continued)
    with upload_of(file).open("rb") as stream:
        return import_people(
            stream,
            file.list,
            consent=consent,
            name=file.name,
            by=current_actor().name,
            wishes=options_of(file),
            dry_run=dry_run,
            report=report,
            advance=advance,
            watch=watch,
        )


def _people_so_far(run: JobRun, file: ImportedFile) -> int | None:
    """Return how many people the interrupted import found in the file, or else the check before it.

    Topics of the list that were changed meanwhile may make the same rows other people, which must not be continued.
    """
    if "people" in run.job.result:
        return int(run.job.result["people"])
    check = check_of(file)
    if check is None or not check.counts:
        return None
    return check.counts["rows"] - check.counts["refused"] - check.counts["duplicates"]


@contextmanager
def _report(file: ImportedFile) -> Iterator[TextIO]:
    """The file of the rows that are left out. It has its name once it is whole."""
    path = folder_of(file) / LEFT_OUT
    unfinished = path.with_suffix(".unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # A spreadsheet reads UTF-8 only with its mark.
    with io.TextIOWrapper(open(handle, "wb"), encoding="utf-8-sig", newline="") as stream:  # noqa: PTH123 - a handle
        yield stream
    unfinished.replace(path)


def _finish(file: ImportedFile) -> None:
    """Go to the last step, and write the audit log with it, so that it is written once."""
    assert file.list is not None
    assert file.record is not None
    record = ImportRecord.objects.get(pk=file.record.pk)
    open_one = ImportedFile.objects.filter(pk=file.pk).exclude(step=ImportedFile.Step.RESULT)
    with transaction.atomic():
        if open_one.update(step=ImportedFile.Step.RESULT, changed_at=timezone.now()):
            log_import(file.list, record, record.counts)
    remove_upload(file)


def _to_undo(record: ImportRecord) -> int:
    entries = record.pieces.aggregate(entries=Sum(F("last_entry") - F("first_entry") + 1))["entries"]
    return int(entries or 0) + ImportChange.objects.filter(piece__record=record).count()
