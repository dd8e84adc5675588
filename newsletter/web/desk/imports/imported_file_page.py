"""The page of an imported file, which shows the step that it has reached."""

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.background_jobs import job_files
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import NotFound
from newsletter.people_files import import_jobs, import_steps
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.stored_import_file import LEFT_OUT, check_of
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.imports.check_import_page import show_check
from newsletter.web.desk.imports.column_meanings_page import show_columns
from newsletter.web.desk.imports.import_report_view import report_of
from newsletter.web.desk.imports.job_progress import progress_of, sentence_of
from subscribers.imports.import_records import why_not_undo

Step, State = ImportedFile.Step, BackgroundJob.State
STEPS = {import_jobs.LOOK: Step.COLUMNS, import_jobs.IMPORT: Step.RESULT}


@desk("GET", "HEAD")
def file(request: HttpRequest, file: int) -> HttpResponse:
    """Show the step of an import: what is asked, how far it is, or what came of it."""
    found = import_steps.find_file(file)
    job = found.job
    if job and not job.has_ended:
        return show(
            request,
            "imports/working",
            file=found,
            job=job,
            progress=progress_of(job),
            is_importing=job.kind == import_jobs.IMPORT,
            step=STEPS.get(job.kind, Step.CHECK),
            live=True,
        )
    if found.record or (job and job.kind == import_jobs.IMPORT):
        return _result(request, found)
    if found.step == Step.RECEIVING or (job and job.kind == import_jobs.LOOK and job.state != State.DONE):
        sentence = sentence_of(job.sentence) if job else "Only part of the file arrived."
        return show(request, "imports/unreadable", file=found, sentence=sentence)
    if found.step == Step.COLUMNS:
        return show_columns(request, found)
    report = check_of(found)
    if report and report.questions:
        return HttpResponseRedirect(reverse("desk:import-columns", args=[found.pk]), status=303)
    return show_check(request, found)


@desk("POST", page="imported-file")
def cancel(request: HttpRequest, file: int) -> HttpResponse:
    """Cancel an import, or remove a file that nobody imported."""
    found = import_steps.cancel(import_steps.find_file(file))
    if found.folder:
        return HttpResponseRedirect(reverse("desk:imported-file", args=[file]), status=303)
    return done(request, "The import was cancelled and the file was removed.", reverse("desk:import"))


@desk("GET", "HEAD")
def left_out(_request: HttpRequest, file: int) -> HttpResponse:
    """Download the rows that were left out, as CSV, with the reason of each."""
    found = import_steps.find_file(file)
    path = job_files.folder_of(found.folder) / LEFT_OUT if found.folder else None
    if path is None or not path.exists():
        raise NotFound("These rows are no longer available, because we remove files after a day.")
    return FileResponse(  # type: ignore[return-value]  # what both share is all that the wrapper uses
        path.open("rb"), as_attachment=True, filename=f"left-out-{found.pk}.csv", content_type="text/csv"
    )


def _result(request: HttpRequest, found: ImportedFile) -> HttpResponse:
    job, record = found.job, found.record
    report = check_of(found) if found.step == Step.RESULT else None
    has_rows = bool(found.folder) and (job_files.folder_of(found.folder) / LEFT_OUT).exists()
    return show(
        request,
        "imports/result",
        file=found,
        record=record,
        report=report_of(record.counts if record else {}, report),
        sentence=sentence_of(job.sentence) if job and job.state == State.FAILED else "",
        is_cancelled=bool(job and job.state == State.CANCELLED),
        has_rows=has_rows,
        can_continue=import_steps.can_continue(found),
        can_undo=bool(record and not why_not_undo(record)),
    )
