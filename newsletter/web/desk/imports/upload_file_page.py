"""The first step of an import: a file is chosen or dropped, and arrives whole or, with scripts, in parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.accounts.role_checked_subscriber_acts import why_not_import
from newsletter.errors import Invalid, NewsletterError, NotFound, refuse_if
from newsletter.people_files import import_steps
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.receive_file import LARGEST_FILE, MEGABYTE, add_part, begin_file
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.creation_form_keys import form_key
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.form_error import FormError, status_of
from newsletter.web.desk.formatting import people, without_commands
from newsletter.web.desk.numbered_page import numbered_page
from subscribers.imports.import_records import imports_of, why_not_undo
from subscribers.models import ImportRecord
from subscribers.whole_numbers import whole_number

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

SHOWN = 10
# Without scripts, a file arrives in one request: web/waitress_requests.py.
LARGEST_AT_ONCE = 15
STATES = {
    ImportRecord.State.STARTED: ("Not finished", "warn"),
    ImportRecord.State.FINISHED: ("", ""),
    ImportRecord.State.UNDOING: ("Being undone", "warn"),
    ImportRecord.State.UNDONE: ("Undone", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An import as the list shows it."""

    record: ImportRecord
    what: str
    badge: str
    tone: str
    at: ShownDate
    can_undo: bool


@desk("GET", "HEAD", "POST")
def begin(request: HttpRequest) -> HttpResponse:
    """Show the form that takes a file, unfinished and earlier imports; or begin with a file.

    A script names only the name and size of the file, and then sends its parts.
    """
    refuse_if(why_not_import())
    if request.method != "POST":
        return _form(request)
    uploaded = request.FILES.get("file")
    wants_parts = request.POST.get("parts") == "yes"
    try:
        file = _begun(request, uploaded)
        if not wants_parts:
            file = import_steps.finish_receiving(file)
    except NewsletterError as error:
        return _refused(error) if wants_parts else _form(request, error)
    if wants_parts:
        return _received(file)
    return HttpResponseRedirect(_path(file), status=303)


@desk("POST", page="imported-file")
def part(request: HttpRequest, file: int) -> HttpResponse:
    """Take the next part of a file, and say how much has arrived. After the last part, begin to look at the file."""
    sent = request.FILES.get("part")
    try:
        found = import_steps.find_file(file)
        begins_at = whole_number(request.POST.get("from", ""))
        if sent is None or begins_at is None:
            raise Invalid("Part of the file did not arrive. Choose the file again.")
        found = add_part(found, begins_at, sent.chunks())
        if found.received == found.size:
            found = import_steps.finish_receiving(found)
    except NewsletterError as error:
        return _refused(error)
    return _received(found)


def _begun(request: HttpRequest, uploaded: "UploadedFile[bytes] | None") -> ImportedFile:
    name, size = request.POST.get("name", ""), whole_number(request.POST.get("size", ""))
    if uploaded is not None:
        name, size = uploaded.name or "", uploaded.size or 0
    if size is None:
        raise Invalid("Choose a file first.")
    try:
        file = begin_file(name, size, form=form_key(request))
    except AlreadyMadeError as earlier:
        try:
            file = import_steps.find_file(int(earlier.made))
        except NotFound:
            # It was cancelled since, and the same page is sent again.
            file = begin_file(name, int(size))
    return add_part(file, 0, _chunks(uploaded)) if uploaded is not None else file


def _chunks(uploaded: "UploadedFile[bytes]") -> Iterator[bytes]:
    yield from uploaded.chunks()


def _received(file: ImportedFile) -> JsonResponse:
    return JsonResponse(
        {
            "page": _path(file),
            "parts": reverse("desk:import-part", args=[file.pk]),
            "received": file.received,
            "is_whole": file.step != ImportedFile.Step.RECEIVING,
        }
    )


def _refused(error: NewsletterError) -> JsonResponse:
    refused = {"sentence": without_commands(str(error))}
    return JsonResponse(refused, status=status_of(error), json_dumps_params={"separators": (",", ":")})


def _path(file: ImportedFile) -> str:
    return reverse("desk:imported-file", args=[file.pk])


def _form(request: HttpRequest, error: NewsletterError | None = None) -> HttpResponse:
    form_error = FormError.of(error, "import", {}) if error else None
    dates = Dates(request)
    unfinished = list(import_steps.unfinished_files()[:SHOWN])
    being_done = {each.record_id for each in unfinished if each.record_id}
    earlier, links = numbered_page(
        request, imports_of().exclude(pk__in=being_done), per_page=SHOWN, part="earlier-title"
    )
    return show(
        request,
        "imports/begin",
        status=form_error.status if form_error else 200,
        form_error=form_error,
        unfinished=[(each, dates.of(each.began_at)) for each in unfinished],
        rows=[_row(each, dates) for each in earlier],
        links=links,
        largest=LARGEST_FILE // MEGABYTE,
        largest_at_once=LARGEST_AT_ONCE,
    )


def _row(record: ImportRecord, dates: Dates) -> Row:
    counts = record.counts
    what = f"{people(counts.get('added', 0))} added"
    if counts.get("changed"):
        what += f", {counts['changed']:,} changed"
    badge, tone = STATES[ImportRecord.State(record.state)]
    return Row(record, what, badge, tone, dates.of(record.began_at), not why_not_undo(record))
