"""The steps of an import at the desk: the file, its columns, the check, the result. Each is answered by a function.

Small files are worked on while the page waits, others by the scheduler (import_jobs.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import current_actor
from newsletter.accounts.role_checked_subscriber_acts import why_not_import
from newsletter.background_jobs import job_files
from newsletter.background_jobs.ask_for_job import ask_for_job, cancel_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import Work, run_job_at_once
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused, refuse_if
from newsletter.people_files import import_jobs
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.stored_import_file import (
    UPLOAD,
    check_of,
    forget_check,
    look_of,
    options_of,
    upload_of,
)
from subscribers.imports.column_mapping import apply_choices
from subscribers.imports.file_kinds import OLE
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.import_records import CAN_BE_UNDONE, find_import, why_not_undo
from subscribers.imports.read_workbook import ZIP
from subscribers.imports.run_import import title_that_says_no
from subscribers.imports.undo_import import UndoOutcome, undo_import
from subscribers.models import ImportRecord, List

Step = ImportedFile.Step
# In bytes, at most about 15,000 people: a page waits a second or two for them. A workbook is compressed.
SMALL_FILE, SMALL_WORKBOOK = 300_000, 30_000
SMALL_UNDO = 5_000
KEPT_FOR = timedelta(days=1)
JOBS: Mapping[str, Work] = {
    import_jobs.LOOK: import_jobs.look_at_file,
    import_jobs.CHECK: import_jobs.check_file,
    import_jobs.IMPORT: import_jobs.import_file,
    import_jobs.UNDO: import_jobs.undo_import,
}


def find_file(number: int) -> ImportedFile:
    """Return the imported file with this number. Raises Refused unless the actor may import, and NotFound."""
    refuse_if(why_not_import())
    file = ImportedFile.objects.select_related("list", "job", "record").filter(pk=number).first()
    if file is None:
        raise NotFound(
            "This import no longer exists. We delete an uploaded file if nobody imports it within a day."
        )
    return file


def unfinished_files() -> QuerySet[ImportedFile]:
    """Return the files that somebody began to import and that can still be continued, newest first."""
    begun = ImportedFile.objects.exclude(step=Step.RESULT).exclude(folder="").select_related("list", "job")
    return begun.exclude(job__kind=import_jobs.IMPORT, job__state=BackgroundJob.State.CANCELLED)


def finish_receiving(file: ImportedFile) -> ImportedFile:
    """Look at a file that has been received whole. Raises Invalid if a part of it is missing."""
    refuse_if(why_not_import())
    if file.step != Step.RECEIVING:
        return file
    if file.received != file.size:
        raise Invalid("Only part of the file was uploaded. Upload it again.")
    return _work(file, import_jobs.LOOK, step=Step.COLUMNS)


def choose_columns(file: ImportedFile, answers: ImportOptions) -> ImportedFile:
    """Say what the columns contain, or first which sheet, encoding or delimiter the file has.

    Raises Invalid for answers that contradict each other, or if no column has the email addresses, and Refused for
    a file whose name says that its people left, while the answers do not say what they are.
    """
    _require_idle(file)
    before = options_of(file)
    read_as = (answers.sheet, answers.encoding, answers.delimiter)
    if look_of(file) is None or read_as != (before.sheet, before.encoding, before.delimiter):
        # The columns may be others now.
        answers = replace(answers, choices=(), ignored=())
        return _work(file, import_jobs.LOOK, step=Step.COLUMNS, answers=_stored(answers))
    require_clear_columns(file, answers)
    mailing_list = file.list or List.objects.order_by("pk").first()
    if mailing_list is None:
        raise Refused("You have no lists yet. To get a list, create your first newsletter.")
    return check(file, mailing_list, answers=answers)


def require_clear_columns(file: ImportedFile, answers: ImportOptions) -> None:
    """Raise Invalid or Refused if the answers about the columns do not suffice."""
    answers.require_usable()
    look = look_of(file)
    if look is None or look.sheets:
        raise Invalid("First choose the sheet that lists the people.")
    mapping = apply_choices(
        look.mapping, [*answers.choices, *(f"{column}=ignore" for column in answers.ignored)]
    )
    if mapping.index_of("address") < 0:
        raise Invalid("Choose the column that contains the email addresses.")
    if title := title_that_says_no(mapping, answers, file.name):
        raise Refused(
            f"The name “{title}” suggests that these people must not be emailed, but no column says whether "
            "you can email them. Choose below what applies to everyone in the file."
        )


def check(
    file: ImportedFile,
    mailing_list: List,
    *,
    answers: ImportOptions | None = None,
    consent: str | None = None,
) -> ImportedFile:
    """Find out what an import into a list would do. What was typed of the consent is kept."""
    _require_idle(file)
    forget_check(file)
    changes: dict[str, Any] = {"list": mailing_list}
    if consent is not None:
        changes["consent"] = consent
    if answers is not None:
        changes["answers"] = _stored(answers)
    return _work(file, import_jobs.CHECK, step=Step.CHECK, **changes)


def import_now(file: ImportedFile, mailing_list: List, consent: str) -> ImportedFile:
    """Import the people, after a check with the same list. Raises InvalidFields if no consent is stated.

    If the list is another one than in the check, it is checked again instead. A second click on the button changes
    nothing, and returns the import that the first click began.
    """
    refuse_if(why_not_import())
    if _is_or_was_imported(file):
        return file
    _require_idle(file)
    found = check_of(file)
    if not consent.strip():
        raise InvalidFields(
            {"consent": "Enter how these people agreed to get emails. We record your answer for each person."}
        )
    if found is None or found.list != mailing_list.pk or found.questions:
        return check(file, mailing_list, consent=consent)
    return _work(file, import_jobs.IMPORT, step=Step.CHECK, consent=consent.strip())


def can_continue(file: ImportedFile) -> bool:
    """Return whether an import that failed in the middle can be continued: its file is still stored."""
    is_open = file.record is None or file.record.state == ImportRecord.State.STARTED
    has_failed = file.job is not None and file.job.state == BackgroundJob.State.FAILED
    if file.step == Step.RESULT or not is_open or not has_failed or not file.folder:
        return False
    return (job_files.folder_of(file.folder) / UPLOAD).exists()


def cancel(file: ImportedFile) -> ImportedFile:
    """Cancel an import. Whom it has added by then stays, and the import can be undone.

    A file of which nobody was imported yet is removed, with its row.
    """
    refuse_if(why_not_import())
    job = file.job
    if job and not job.has_ended:
        job = cancel_job(job)
        if job.kind == import_jobs.IMPORT:
            audit_log.write("import", "Cancelled an import.", thing=f"list {file.list_id}")
            if job.state == BackgroundJob.State.RUNNING:
                return find_file(file.pk)
    if file.record is None:
        remove_file(file)
        ImportedFile.objects.filter(pk=file.pk).delete()
        return file
    return find_file(file.pk)


def remove_file(file: ImportedFile) -> None:
    """Remove everything that is stored of a file except its row."""
    job_files.remove_folder(file.folder)
    ImportedFile.objects.filter(pk=file.pk).update(folder="")
    file.folder = ""


def undo(number: int) -> BackgroundJob:
    """Undo an import: at once if it is small, otherwise by the scheduler. Raises Refused if it cannot be undone."""
    refuse_if(why_not_import())
    record = find_import(number)
    refuse_if(why_not_undo(record))
    if (running := undo_of(record)) and not running.has_ended:
        return running
    job = ask_for_job(import_jobs.UNDO, {"record": record.pk})
    return run_job_at_once(job, import_jobs.undo_import) if _touched(record) <= SMALL_UNDO else job


def foresee_undo(record: ImportRecord) -> UndoOutcome | None:
    """Return what an undo would do, or None if that takes too long for a page or the import cannot be undone."""
    refuse_if(why_not_import())
    if why_not_undo(record) or _touched(record) > SMALL_UNDO:
        return None
    return undo_import(record, by=current_actor().name, dry_run=True)


def _touched(record: ImportRecord) -> int:
    return int(record.counts.get("added", 0) + record.counts.get("changed", 0))


def undo_of(record: ImportRecord) -> BackgroundJob | None:
    """Return the newest job that undoes, or undid, an import."""
    return (
        BackgroundJob.objects.filter(kind=import_jobs.UNDO, arguments__record=record.pk)
        .order_by("-pk")
        .first()
    )


def remove_old_imports(now: datetime) -> int:
    """Remove the folders of files that nobody has changed for a day, and rows that nobody imported. Return how many.

    A file that is worked on stays. The row of one that was imported stays for as long as the import can be undone.
    """
    removed = 0
    old = ImportedFile.objects.filter(changed_at__lt=now - KEPT_FOR).select_related("job", "record")
    for file in old.exclude(folder="", step=Step.RESULT):
        if file.job and not file.job.has_ended:
            continue
        if file.folder:
            remove_file(file)
            removed += 1
        if file.record is None:
            file.delete()
    ImportedFile.objects.filter(step=Step.RESULT, folder="", changed_at__lt=now - CAN_BE_UNDONE).delete()
    return removed


def _work(file: ImportedFile, kind: str, **changes: Any) -> ImportedFile:
    """Ask for a job about the file, and do it at once if the file is small.

    Only one of two requests at once begins a job: the other is refused, or returns the import that the first began.
    """
    with transaction.atomic():
        locked = ImportedFile.objects.select_for_update().get(pk=file.pk)
        if kind == import_jobs.IMPORT and _is_or_was_imported(locked):
            return locked
        _require_idle(locked)
        upload_of(file)
        job = ask_for_job(kind, {"file": file.pk}, folder=file.folder)
        ImportedFile.objects.filter(pk=file.pk).update(job=job, changed_at=timezone.now(), **changes)
    if _is_small(file):
        run_job_at_once(job, JOBS[kind])
    return find_file(file.pk)


def _is_small(file: ImportedFile) -> bool:
    with upload_of(file).open("rb") as stream:
        is_packed = stream.read(len(OLE)).startswith((ZIP, OLE))
    return file.size <= (min(SMALL_FILE, SMALL_WORKBOOK) if is_packed else SMALL_FILE)


def _is_or_was_imported(file: ImportedFile) -> bool:
    is_being_imported = file.job and file.job.kind == import_jobs.IMPORT and not file.job.has_ended
    return bool(is_being_imported) or (file.step == Step.RESULT and file.record is not None)


def _require_idle(file: ImportedFile) -> None:
    refuse_if(why_not_import())
    if file.job and not file.job.has_ended:
        raise Refused("We are still processing this file. Wait until we have finished, or cancel the import.")
    if file.step == Step.RESULT:
        raise Refused("This file has already been imported. To import it again, upload it again.")


def _stored(answers: ImportOptions) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for name, value in asdict(answers).items()
        if value
    }
