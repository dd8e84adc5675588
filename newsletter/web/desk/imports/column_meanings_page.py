"""The second step of an import: what we understood of each column, which somebody may change."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from newsletter.errors import InvalidFields, NewsletterError
from newsletter.people_files import import_steps
from newsletter.people_files.column_answers import choices_of, require_answers, targets_of
from newsletter.people_files.models import ImportedFile
from newsletter.people_files.stored_import_file import (
    StoredColumn,
    StoredLook,
    StoredQuestion,
    check_of,
    look_of,
    options_of,
)
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.form_error import FormError
from subscribers.imports.detect_layout import DELIMITERS
from subscribers.imports.import_options import ImportOptions
from subscribers.models import Basis

TARGETS = {
    "address": "Email address",
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Full name",
    "locale": "Language",
    "zone": "Time zone",
    "topics": "Topics",
    "joined": "Date joined",
    "joined_day_first": "Date joined: 03/04/2026 is 3 April",
    "joined_month_first": "Date joined: 03/04/2026 is 4 March",
    "basis": "Lawful basis",
    "collected_from": "Who gave you their details",
    "paused": "Paused until",
    "status": "Status, such as active or unsubscribed",
    "subscribed": "Subscribed: yes or no",
    "confirmed": "Confirmed: yes or no",
    "left": "Unsubscribed: yes, or a date",
    "bounced": "Emails bounced: yes, or a date",
    "blocked": "Must not get emails: yes or no",
    "json": "Details as JSON",
    "attribute:": "Another detail",
    "ignore": "Leave out",
}
MEANINGS = [
    ("", "Choose"),
    ("active", "can get emails"),
    ("unsubscribed", "unsubscribed"),
    ("unconfirmed", "did not confirm"),
    ("bounced", "emails bounced"),
    ("complained", "complained"),
    ("blocked", "must not get emails"),
    ("fundraising", "asked the Fundraising Preference Service to stop appeals"),
]
EVERYONE = [
    ("", "Use what the columns say"),
    ("active", "You can email them"),
    ("unsubscribed", "They unsubscribed"),
    ("bounced", "Their emails bounced"),
    ("complained", "They complained about an email"),
    ("blocked", "They must not get emails"),
    ("fundraising", "They asked the Fundraising Preference Service to stop appeals"),
]
ENCODINGS = ("utf-8", "windows-1252", "windows-1250", "iso-8859-15", "utf-16", "mac-roman", "shift_jis")


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column with what it may contain, what it contains, and what was asked about it."""

    column: StoredColumn
    title: str
    options: list[tuple[str, str]]
    target: str
    question: StoredQuestion | None

    @property
    def sentence(self) -> str:
        """What is not clear about the column. Empty if nothing was asked."""
        if self.question is None:
            return ""
        values = " or ".join(f"“{value}”" for value in self.question.values)
        if self.question.is_about_dates:
            return (
                "This column may show when people gave you their details, which a charitable soft opt-in depends on. "
                f"We do not know what {values} means here. Choose “Date joined” if it is the date on which the "
                "person joined. If the column is about something else, choose “Another detail”, or leave it out."
            )
        sentence = f"This column may say that some people must not get emails. We do not know what {values} means here."
        if self.question.by_value:
            return f"{sentence} Say what each value means."
        return f"{sentence} Say what the column contains, or leave it out if it is about something else."


@desk("GET", "HEAD", "POST")
def columns(request: HttpRequest, file: int) -> HttpResponse:
    """Show the columns, or take the answers about them."""
    found = import_steps.find_file(file)
    if request.method != "POST":
        if found.step == ImportedFile.Step.RESULT or (found.job and not found.job.has_ended):
            return HttpResponseRedirect(_path(found), status=303)
        return show_columns(request, found)
    typed = _Typed.of(request, found)
    try:
        require_answers(typed.questions.values(), typed.targets, typed.meanings)
        import_steps.choose_columns(found, typed.answers)
    except NewsletterError as error:
        return show_columns(request, found, typed, error)
    return HttpResponseRedirect(_path(found), status=303)


def show_columns(
    request: HttpRequest,
    file: ImportedFile,
    typed: "_Typed | None" = None,
    error: NewsletterError | None = None,
) -> HttpResponse:
    """Show what we understood of a file, with the answers so far, and what has to be answered first."""
    look = look_of(file) or StoredLook()
    answers = typed.answers if typed else options_of(file)
    form_error = FormError.of(error, "columns", {}) if error else None
    shown = _shown(file, look, typed.targets if typed else targets_of(look, answers))
    return show(
        request,
        "imports/columns",
        status=form_error.status if form_error else 200,
        file=file,
        look=look,
        sheets=[(each, each) for each in look.sheets],
        answers=answers,
        columns=shown,
        asked=[each for each in shown if each.question],
        meanings=MEANINGS,
        given=typed.meanings if typed else {},
        everyone=EVERYONE,
        bases=[("", "Consent, unless a column says otherwise"), *Basis.choices],
        encodings=[("", f"Recognised: {look.encoding}"), *((each, each) for each in ENCODINGS)],
        delimiters=[
            ("", f"Recognised: {_name_of(look.delimiter)}"),
            *((name, name) for name in DELIMITERS.values()),
        ],
        delimiter=_name_of(answers.delimiter),
        errors=error.fields if isinstance(error, InvalidFields) else {},
        form_error=form_error,
    )


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody has chosen: what each column contains, what values mean, and the answers that this makes."""

    questions: dict[int, StoredQuestion]
    targets: dict[int, str]
    meanings: dict[tuple[int, str], str]
    answers: ImportOptions

    @classmethod
    def of(cls, request: HttpRequest, file: ImportedFile) -> "_Typed":
        """Return what a form says."""
        look, before, form = look_of(file) or StoredLook(), options_of(file), request.POST
        questions = _questions(file)
        targets = {each.number: form.get(f"column-{each.number}", each.target) for each in look.columns}
        meanings = {
            (number, value): form.get(f"meaning-{number}-{at}", "")
            for number, question in questions.items()
            for at, value in enumerate(question.values)
            if question.by_value
        }
        asked = {number for number, question in questions.items() if not question.by_value}
        by_name = {name: sign for sign, name in DELIMITERS.items()}
        answers = ImportOptions(
            choices=choices_of(look, targets, meanings, before, asked=asked),
            everyone=form.get("everyone", ""),
            basis=form.get("basis", ""),
            collected_on=form.get("collected_on", "").strip(),
            own_details="yes" if form.get("own_details") else "",
            received_on=form.get("received_on", "").strip(),
            sheet=form.get("sheet", before.sheet),
            encoding=form.get("encoding", ""),
            delimiter=by_name.get(form.get("delimiter", ""), ""),
        )
        return cls(questions, targets, meanings, answers)


def _shown(file: ImportedFile, look: StoredLook, targets: Mapping[int, str]) -> list[ShownColumn]:
    questions = _questions(file)
    return [
        _column(each, targets.get(each.number, each.target), questions.get(each.number))
        for each in look.columns
    ]


def _column(column: StoredColumn, target: str, question: StoredQuestion | None) -> ShownColumn:
    options = _options(column.target, target)
    if question and not question.by_value:
        # Nobody shall agree to a guess about who must not get emails without reading it.
        options = [("", "Choose"), *options]
        target = "" if target == column.target else target
    return ShownColumn(column, column.heading or f"Column {column.number}", options, target, question)


def _questions(file: ImportedFile) -> dict[int, StoredQuestion]:
    report = check_of(file)
    return {each.number: each for each in report.questions} if report else {}


def _options(*targets: str) -> list[tuple[str, str]]:
    """Return what a column may contain, with what it was taken for."""
    more = {each: _label(each) for each in targets if each and each not in TARGETS}
    return list({**TARGETS, **more}.items())


def _label(target: str) -> str:
    kind, _colon, name = target.partition(":")
    return {"attribute": f"A detail called “{name}”", "topic": f"The topic “{name}”"}.get(
        kind, kind.capitalize()
    )


def _name_of(delimiter: str) -> str:
    return DELIMITERS.get(delimiter, delimiter)


def _path(file: ImportedFile) -> str:
    return reverse("desk:imported-file", args=[file.pk])
