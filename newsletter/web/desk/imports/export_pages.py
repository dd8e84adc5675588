"""Exporting people: asking for a file, how far it is, and downloading it within a day."""

from dataclasses import dataclass

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import NewsletterError, refuse_if
from newsletter.issues.models import SavedSegment
from newsletter.issues.saved_segments import text_of_segment
from newsletter.people_files import export_files
from newsletter.people_files.export_files import why_not_export_people
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.formatting import people
from newsletter.web.desk.imports.job_progress import progress_of, sentence_of
from newsletter.web.desk.numbered_page import numbered_page
from subscribers.export_csv import ALL
from subscribers.lists import find_list
from subscribers.models import List, Subscription
from subscribers.whole_numbers import whole_number

SHOWN = 10
EVERY_LIST = ""
FIELDS = ("list", "state", "saved", "segment")
STATES = [*((value, label) for value, label in Subscription.State.choices), (ALL, "Everybody")]
State = BackgroundJob.State


@dataclass(frozen=True, slots=True)
class Row:
    """An export as the list shows it."""

    job: BackgroundJob
    whom: str
    what: str
    at: ShownDate


@desk("GET", "HEAD", "POST")
def export(request: HttpRequest) -> HttpResponse:
    """Show the form and the exports of the last days, or begin to export people."""
    refuse_if(why_not_export_people())
    if request.method != "POST":
        first = List.objects.order_by("name").values_list("slug", flat=True).first() or EVERY_LIST
        chosen = {
            "list": request.GET.get("list", first),
            "segment": request.GET.get("segment", ""),
        }
        return _form(request, chosen)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    require_recent_sign_in(request)
    try:
        mailing_list = find_list(typed["list"]) if typed["list"] else None
        segment, saved = typed["segment"], whole_number(typed["saved"])
        if saved is not None:
            segment = text_of_segment(saved, mailing_list, written=segment)
        job = export_files.ask_for_export(
            mailing_list,
            segment=segment,
            state=typed["state"] or Subscription.State.ACTIVE,
            form=form_key(request),
        )
    except AlreadyMadeError as earlier:
        return HttpResponseRedirect(reverse("desk:people-export", args=[int(earlier.made)]), status=303)
    except NewsletterError as error:
        return _form(request, typed, error)
    return HttpResponseRedirect(reverse("desk:people-export", args=[job.pk]), status=303)


@desk("GET", "HEAD")
def status(request: HttpRequest, number: int) -> HttpResponse:
    """Show how far an export is, or offer its file."""
    job = export_files.find_export(number)
    file = export_files.file_of(job)
    return show(
        request,
        "imports/export_status",
        job=job,
        whom=_whom(job),
        progress=progress_of(job) if not job.has_ended else None,
        has_file=file is not None,
        what=_what(job),
        sentence=sentence_of(job.sentence),
        live=not job.has_ended,
    )


@desk("POST", page="people-export")
def download(request: HttpRequest, number: int) -> HttpResponse:
    """Download the file of an export. The audit log has it."""
    job = export_files.find_export(number)
    require_recent_sign_in(request)
    path = export_files.download(job)
    slug = _slug(job) or "all-lists"
    name = f"{slug}-{timezone.localdate():%Y-%m-%d}.csv"
    return FileResponse(  # type: ignore[return-value]  # what both share is all that the wrapper uses
        path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


@desk("POST", page="people-export")
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel an export, or remove its file before the day is over."""
    job = export_files.find_export(number)
    said = "The file was removed." if job.has_ended else "The export was cancelled."
    export_files.cancel_export(job)
    return done(request, said, reverse("desk:export-people"))


def _form(request: HttpRequest, typed: dict[str, str], error: NewsletterError | None = None) -> HttpResponse:
    form_error = FormError.of(error, "export", typed) if error else None
    dates = Dates(request)
    lists = [(each.slug, each.name) for each in List.objects.order_by("name")]
    exports, links = numbered_page(
        request, export_files.recent_exports(), per_page=SHOWN, part="earlier-title"
    )
    return show(
        request,
        "imports/export",
        status=form_error.status if form_error else 200,
        typed={**dict.fromkeys(FIELDS, ""), **typed},
        lists=[*lists, (EVERY_LIST, "All lists, with a column that names each person’s list")],
        states=STATES,
        segments=_saved_segments(several=len(lists) > 1),
        form_error=form_error,
        rows=[Row(job, _whom(job), _what(job), dates.of(job.asked_at)) for job in exports],
        links=links,
    )


def _saved_segments(*, several: bool) -> list[tuple[str, str]]:
    """Return the saved segments to choose from, with their lists if there are several; none if nothing is saved."""
    found = [
        (str(each.pk), f"{each.mailing_list}: {each}" if several else str(each))
        for each in SavedSegment.objects.select_related("mailing_list").order_by("mailing_list__name", "name")
    ]
    return [("", "No saved segment"), *found] if found else []


def _slug(job: BackgroundJob) -> str:
    found = List.objects.filter(pk=job.arguments["list"]).values_list("slug", flat=True)
    return found.first() or "" if job.arguments["list"] else ""


def _whom(job: BackgroundJob) -> str:
    """Return whom an export has, such as “Segment of News: active”."""
    state = dict(STATES).get(job.arguments["state"], "")
    if job.arguments["list"] is None:
        return f"All lists: {state.lower()}"
    name = List.objects.filter(pk=job.arguments["list"]).values_list("name", flat=True).first()
    of = f"{name or 'Deleted list'}"
    return f"A segment of {of}" if job.arguments["segment"] else f"{of}: {state.lower()}"


def _what(job: BackgroundJob) -> str:
    """Return what came of an export."""
    match job.state:
        case State.DONE if not job.folder:
            return f"{people(job.result.get('people', 0))}, removed"
        case State.DONE:
            return people(job.result.get("people", 0))
        case State.FAILED | State.CANCELLED:
            return job.get_state_display()
    return progress_of(job).phase
