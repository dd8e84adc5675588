"""Pasting addresses: a report of what would happen first, and then the import itself."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.role_checked_subscriber_acts import (
    MOST_PASTED_BYTES,
    import_pasted,
    why_not_import,
    why_not_look,
)
from newsletter.errors import InvalidFields, NewsletterError, NotFound, refuse_if
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.formatting import people as number_of_people
from newsletter.web.desk.formatting import without_commands
from subscribers.imports.column_mapping import FIELDS as MEANINGS
from subscribers.imports.run_import import CONSENT_MISSING, FilePreview, ImportOutcome
from subscribers.lists import ArchivedList, find_list
from subscribers.models import List

FIELDS = ("people", "list", "consent")
# What is refused otherwise is refused because of what was pasted.
OF_LIST = (NotFound, ArchivedList)
COUNTS = {
    "added": "new",
    "changed": "changed",
    "unchanged": "already on the list",
    "unsubscribed": "unsubscribed, so they stay unsubscribed",
    "suppressed": "suppressed, so they were left out",
    "duplicates": "repeated in the text",
    "refused": "not usable",
}


@desk("GET", "HEAD", "POST")
def paste(request: HttpRequest) -> HttpResponse:
    """Show the form, the report of what an import would do, or import."""
    refuse_if(why_not_look() or why_not_import())
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    if request.method != "POST":
        return _form(request, typed | {"list": request.GET.get("list", "")})
    ignored = request.POST.getlist("ignore")
    wants_import = request.POST.get("act") == "import"
    try:
        outcome = _outcome(typed, ignored, dry_run=not wants_import)
    except NewsletterError as error:
        return _form(request, typed, error=error)
    if outcome.dry_run:
        return _form(request, typed, ignored=ignored, outcome=outcome)
    joined = f"{number_of_people(outcome.added)} added, {outcome.changed:,} changed."
    undo = None
    if outcome.record and (outcome.added or outcome.changed):
        undo = Undo(reverse("desk:undo-import", args=[outcome.record.pk]))
    address = f"{reverse('desk:subscribers')}?{urlencode({'list': typed['list']})}"
    return done(request, f"Imported: {joined}", address, undo=undo)


def _outcome(typed: dict[str, str], ignored: list[str], *, dry_run: bool) -> ImportOutcome:
    text = typed["people"]
    if not text.strip():
        raise InvalidFields({"people": "Paste at least one address."})
    if len(text.encode()) > MOST_PASTED_BYTES:
        raise InvalidFields({"people": "You pasted more than 1 MB of text. Paste it in several parts."})
    return import_pasted(
        text,
        find_list(typed["list"]),
        statement=typed["consent"],
        ignored=ignored,
        dry_run=dry_run,
    )


def _form(
    request: HttpRequest,
    typed: dict[str, str],
    *,
    ignored: list[str] | None = None,
    outcome: ImportOutcome | None = None,
    error: NewsletterError | None = None,
) -> HttpResponse:
    form_error = FormError.of(error, "paste", typed) if error else None
    errors = errors_by_field(error, otherwise="list" if isinstance(error, OF_LIST) else "people")
    if errors and not typed["consent"].strip():
        errors.setdefault("consent", CONSENT_MISSING)
    questions = [
        (str(each.column.number), each.column.heading or f"column {each.column.number}", each.sentence)
        for each in (outcome.questions if outcome else [])
    ]
    return show(
        request,
        "subscribers/paste",
        status=form_error.status if form_error else 200,
        typed=typed,
        lists=[(each.slug, each.name) for each in List.objects.order_by("name")],
        outcome=outcome,
        ignored=ignored or [],
        questions=questions,
        figures=_figures(outcome),
        columns=_columns(outcome.look) if outcome and outcome.look else [],
        refused=[(each.row, each.text, each.reason) for each in (outcome.first_refused if outcome else [])],
        notes=[without_commands(each) for each in (outcome.notes if outcome else [])],
        errors=errors,
        form_error=form_error,
    )


def _figures(outcome: ImportOutcome | None) -> list[tuple[int, str]]:
    if outcome is None or outcome.questions:
        return []
    counts = outcome.counts()
    return [(counts[name], words) for name, words in COUNTS.items() if counts[name] or name == "added"]


def _columns(look: FilePreview) -> list[tuple[str, str]]:
    """Return each column by its heading, and what we take it for."""
    found = []
    for one in look.mapping.columns:
        kind, _colon, name = one.target.partition(":")
        meaning = f"{kind} {name}" if name else MEANINGS[one.target]
        found.append((one.heading or f"Column {one.number}", meaning))
    return found
