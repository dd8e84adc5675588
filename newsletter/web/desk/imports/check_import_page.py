"""The third step of an import: what would happen, the list, and where the consent of the people comes from."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.errors import NewsletterError
from newsletter.people_files import import_steps
from newsletter.people_files.column_answers import targets_of
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.stored_import_file import check_of, look_of, options_of
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.imports.import_report_view import report_of
from newsletter.web.desk.imports.job_progress import sentence_of
from subscribers.imports.column_mapping import JOINED
from subscribers.lists import find_list
from subscribers.models import List


@desk("POST", page="imported-file")
def check(request: HttpRequest, file: int) -> HttpResponse:
    """Check the file again with another list, or import the people."""
    found = import_steps.find_file(file)
    typed = {name: request.POST.get(name, "") for name in ("list", "consent")}
    before = found.list_id
    try:
        mailing_list = find_list(typed["list"])
        if request.POST.get("act") == "check":
            found = import_steps.check(found, mailing_list, consent=typed["consent"])
        else:
            found = import_steps.import_now(found, mailing_list, typed["consent"])
            if found.list_id != before:
                messages.info(
                    request, "You chose another list, so the file was checked again. Nothing was imported."
                )
    except NewsletterError as error:
        return show_check(request, found, typed, error)
    return HttpResponseRedirect(reverse("desk:imported-file", args=[file]), status=303)


def show_check(
    request: HttpRequest,
    file: ImportedFile,
    typed: dict[str, str] | None = None,
    error: NewsletterError | None = None,
) -> HttpResponse:
    """Show what an import would do, with the form that begins it."""
    stored = check_of(file)
    job = file.job
    form_error = FormError.of(error, "check", typed or {}) if error else None
    return show(
        request,
        "imports/check",
        status=form_error.status if form_error else 200,
        file=file,
        report=report_of(stored.counts, stored) if stored else None,
        sentence=sentence_of(job.sentence) if job else "",
        lists=[(each.slug, each.name) for each in List.objects.filter().order_by("name")],
        typed=typed or {"list": file.list.slug if file.list else "", "consent": file.consent},
        form_error=form_error,
        errors=errors_by_field(error, otherwise="list"),
        joined=_sentence_about_joining(file) if stored else "",
    )


def _sentence_about_joining(file: ImportedFile) -> str:
    """Say which column holds the days on which people joined, or that none does."""
    look = look_of(file)
    targets = targets_of(look, options_of(file)) if look else {}
    for column in look.columns if look else ():
        if targets[column.number] in JOINED:
            title = column.column.title
            return (
                f"We use {title} as the date when people joined. For new people without a date in this column, we use "
                "today’s date."
            )
    return "No column says when people joined, so we use today’s date for new people."
