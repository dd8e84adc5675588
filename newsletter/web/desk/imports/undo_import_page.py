"""Undoing an import: a page that asks, and shows how far it is."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.accounts.role_checked_subscriber_acts import why_not_import
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import Refused, refuse_if
from newsletter.people_files import import_steps
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.imports.import_report_view import report_of
from newsletter.web.desk.imports.job_progress import progress_of, sentence_of
from subscribers.imports.import_records import find_import, why_not_undo
from subscribers.imports.undo_import import UndoOutcome, label_of
from subscribers.models import ImportRecord
from subscribers.phrases import counted


@desk("GET", "HEAD", "POST")
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether to undo an import, undo it, or show how far that is. People who acted since stay as they are."""
    refuse_if(why_not_import())
    record = find_import(number)
    if request.method == "POST":
        job = import_steps.undo(number)
        if job.state == BackgroundJob.State.FAILED:
            raise Refused(job.sentence)
        if job.state == BackgroundJob.State.DONE:
            return done(request, _sentence_of_undo(find_import(number)), reverse("desk:subscribers"))
        return HttpResponseRedirect(reverse("desk:undo-import", args=[number]), status=303)
    job_or_none = import_steps.undo_of(record)
    is_running = bool(job_or_none and not job_or_none.has_ended)
    return show(
        request,
        "imports/undo",
        record=record,
        began=Dates(request).of(record.began_at),
        report=report_of(record.counts, None),
        progress=progress_of(job_or_none) if job_or_none and is_running else None,
        job=job_or_none,
        live=is_running,
        why_not=sentence_of(why_not_undo(record)),
        is_undone=record.state == ImportRecord.State.UNDONE,
        figures=_figures(record, is_running=is_running),
    )


def _sentence_of_undo(record: ImportRecord) -> str:
    """Say that an import was undone, how many people that removed, and how many it left as they are."""
    outcome = UndoOutcome(record, dry_run=False)
    outcome.counts.update(record.undo_counts)
    removed = sum(outcome.taken_back.get(name, 0) for name in ("removed", "taken_off"))
    said = ["The import was undone."]
    if removed:
        said.append(f"{counted(removed, 'person was', 'people were')} removed from the list.")
    if left := sum(outcome.left.values()):
        said.append(
            f"We did not change {counted(left, 'person', 'people')}, "
            f"because their {'record has' if left == 1 else 'records have'} changed since the import."
        )
    return " ".join(said)


def _figures(record: ImportRecord, *, is_running: bool) -> list[tuple[int, str]]:
    """Return what an undo took back, left and kept, or would, with the words of the command line."""
    if record.state == ImportRecord.State.UNDONE:
        outcome = UndoOutcome(record, dry_run=False)
        outcome.counts.update(record.undo_counts)
    elif is_running or (foreseen := import_steps.foresee_undo(record)) is None:
        return []
    else:
        outcome = foreseen
    parts = (outcome.taken_back, outcome.left, outcome.kept)
    return [(number, label_of(name)) for part in parts for name, number in part.items()]
