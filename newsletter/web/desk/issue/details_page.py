"""The part “Details”: the subject, the preheader and the introduction of an issue, and whom it comes from."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse

from newsletter.issues.approvals import current_approval
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.default_subject import suggest
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.issues.save_texts_without_overwriting import Conflict, EndsApproval, Outcome, approval_to_end
from newsletter.issues.word_diff import Piece, word_changes
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.issue.details_autosave import theirs_label
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part
from subscribers.translated_languages import language_name

# The texts of the part, and what the desk calls them.
TEXTS = {"subject": "Subject", "preheader": "Preheader", "opening": "Introduction"}
# What a phone held upright shows of a subject and a preheader, in characters: about one line, and two lines.
PHONE_SHOWS = {"subject": 40, "preheader": 80}
LONGEST = {"subject": 300, "preheader": 300, "opening": 50_000}


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong after a form was sent: the errors by field, texts that need a choice, and what was saved."""

    errors: Mapping[str, str] = field(default_factory=dict)
    outcomes: Sequence[Outcome] = ()
    saved: AbstractSet[str] = frozenset()

    @property
    def conflicts(self) -> dict[str, tuple[Conflict, list[Piece]]]:
        """The texts that two people changed, by field, with the comparison."""
        found = [each for each in self.outcomes if isinstance(each, Conflict)]
        return {each.field: (each, word_changes(each.theirs, each.typed)) for each in found}

    @property
    def ends_approval(self) -> bool:
        """Whether saving would end an approval that the editor did not know of."""
        return any(isinstance(each, EndsApproval) for each in self.outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """One text as the form shows it: the stored text and its version, what to show, and what is suggested."""

    name: str
    label: str
    shown: str
    version: str
    suggestion: str
    longest: int
    phone_shows: int


@desk("GET", "HEAD")
def details(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the details of an issue."""
    return show_details(request, issue_at(slug, number))


def show_details(
    request: HttpRequest,
    issue: Issue,
    form_error: FormError | None = None,
    problems: Problems | None = None,
) -> HttpResponse:
    """Show the details of an issue as they are now. After an error, the form shows what was typed."""
    header = issue_header(fresh_issue(issue))
    problems = problems or Problems()
    return show_part(
        request,
        header,
        "details",
        forms=frozenset({"texts"}),
        form_error=form_error,
        texts=_texts(header.issue, form_error, problems),
        problems=problems,
        approval=current_approval(header.issue),
        approval_to_end=approval_to_end(header.issue),
        theirs_label=theirs_label,
        placeholders=_placeholders(header.issue),
        language=language_name(issue.publication.language),
    )


def _placeholders(issue: Issue) -> list[tuple[str, str, str]]:
    """Return the name of each placeholder, what the desk calls it, and what a reader gets."""
    fallback = issue.publication.first_name_fallback
    return [
        ("first_name", "First name", f"“{fallback}” if we do not know it"),
        ("read_online_url", "Web address of this issue", "opens the reader’s own copy"),
        ("preferences_url", "Web address of the preferences page", "where the reader changes what they get"),
        ("unsubscribe_url", "Web address for unsubscribing", "for this reader only"),
    ]


def _texts(issue: Issue, form_error: FormError | None, problems: Problems) -> dict[str, TextView]:
    suggested = suggest(issue, items_to_print(issue))
    typed = form_error.typed if form_error else {}
    texts = {}
    for name, label in TEXTS.items():
        stored = str(getattr(issue, name))
        is_typed = name in typed and name not in problems.saved
        # A form that is shown again still starts from the text that it started from, unless both texts are shown now.
        shows_both = name in problems.conflicts
        version = typed.get(f"version-{name}", "") if is_typed and not shows_both else text_version(stored)
        texts[name] = TextView(
            name=name,
            label=label,
            shown=typed[name] if is_typed else stored,
            version=version,
            suggestion=suggested.get(name, ""),
            longest=LONGEST[name],
            phone_shows=PHONE_SHOWS.get(name, 0),
        )
    return texts
