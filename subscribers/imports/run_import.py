"""Import a file: look at it, read and stage every row, then merge the people in pieces.

Each person is merged whole or not at all. To finish an import that was interrupted, run it again: it continues
with the people it had not reached. Running a finished import again changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import BinaryIO, TextIO

from subscribers import consent_wordings
from subscribers.errors import Invalid, InvalidFields, Refused
from subscribers.imports import import_records, staging_tables
from subscribers.imports.column_doubts import ColumnDoubts
from subscribers.imports.column_mapping import ColumnMapping, apply_choices, status_called
from subscribers.imports.column_questions import Question
from subscribers.imports.consent_headings import names_leavers
from subscribers.imports.decode_text_lines import DecodedLines
from subscribers.imports.detect_layout import DetectedFormat, detect_format
from subscribers.imports.drop_unusable_values import SideValues
from subscribers.imports.file_kinds import as_csv
from subscribers.imports.fundraising_requests import due_sentence
from subscribers.imports.import_options import ImportOptions, decisions_of
from subscribers.imports.import_progress import ImportWatch
from subscribers.imports.import_report import ImportReport
from subscribers.imports.kept_bases import sentence_about_ruled_out, sentences_about_others
from subscribers.imports.merge_people import merge
from subscribers.imports.refused_bases import RefusedBases
from subscribers.imports.repeated_rows import put_repeated_rows_together
from subscribers.imports.row_to_person import RowReader
from subscribers.imports.stage_or_refuse_row import RejectedRow
from subscribers.imports.stage_rows import stage_rows
from subscribers.imports.status_at_other_service import ImportStatus
from subscribers.lawful_basis import ON_CONSENT
from subscribers.lists import refuse_archived
from subscribers.models import ImportRecord, List, Topic
from subscribers.transactions import one_transaction

CONSENT_MISSING = "Enter where these people’s consent comes from. We record your answer for each person."
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What a file is, before anything of it is imported. `is_converted`: it was not a text with columns."""

    encoding: str
    guess: DetectedFormat
    mapping: ColumnMapping
    is_converted: bool = False


@dataclass(slots=True)
class ImportOutcome:
    """What became of every row that was not blank. The counts add up to `rows`."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    suppressed: int = 0
    unsubscribed: int = 0
    duplicates: int = 0
    first_refused: list[RejectedRow] = field(default_factory=list)
    odd_rows: list[int] = field(default_factory=list)
    odd_count: int = 0
    dry_run: bool = False
    look: FilePreview | None = None
    # What a person has to decide first: while there are any, only a dry run gets this far, and it counts nobody.
    questions: list[Question] = field(default_factory=list)
    # Values that were not used for what their column is for, and kept as attributes: one sentence a column.
    notes: list[str] = field(default_factory=list)
    # Empty after a dry run.
    record: ImportRecord | None = None

    def counts(self) -> dict[str, int]:
        """The counts by their names."""
        return {one.name: getattr(self, one.name) for one in fields(self)[:8]}


def preview_file(
    stream: BinaryIO, wishes: ImportOptions | None = None, *, needs_addresses: bool = True
) -> tuple[DecodedLines, FilePreview]:
    """The lines of a file, not taken yet, and what they are. Raises Invalid for a file that cannot be imported.

    Without `needs_addresses`, a file passes in which nobody has said yet which column has the email addresses.
    """
    wishes = wishes or ImportOptions()
    text, is_converted = as_csv(stream, sheet=wishes.sheet)
    lines = DecodedLines(text, encoding="utf-8" if is_converted else wishes.encoding)
    found = detect_format(lines.sample(), delimiter="," if is_converted else wishes.delimiter)
    mapping = apply_choices(
        found.mapping, [*wishes.choices, *(f"{column}=ignore" for column in wishes.ignored)]
    )
    if needs_addresses and mapping.index_of("address") < 0:
        raise Invalid(
            "We could not find a column with email addresses in the file. Name the column with "
            "COLUMN=address."
        )
    mapping = replace(mapping, everyone=_everyone(wishes), on=wishes.on)
    return lines, FilePreview(lines.encoding, found, mapping, is_converted)


def _everyone(wishes: ImportOptions) -> ImportStatus:
    status = status_called(wishes.everyone) if wishes.everyone else ImportStatus.ACTIVE
    if status is ImportStatus.UNCONFIRMED:
        raise Invalid("We do not import people who have not confirmed. Ask them to sign up.")
    return status


def _require_word_on_leavers(mapping: ColumnMapping, wishes: ImportOptions, name: str) -> None:
    """Refuse a file whose name says that its people left, while nothing in it and nobody says what they are."""
    if title := title_that_says_no(mapping, wishes, name):
        raise Refused(
            f"Nothing was imported. The name “{title}” suggests that these people must not be emailed, but "
            "no column says whether you can email them. If you must not email them, use --everyone "
            "unsubscribed (or bounced, complained, blocked). If you can, use --everyone active."
        )


def title_that_says_no(mapping: ColumnMapping, wishes: ImportOptions, name: str) -> str:
    """Return the name of the file or sheet that says that its people left, while nothing else says what they are.

    Empty if there is none.
    """
    if wishes.everyone or mapping.says_who_left:
        return ""
    return next(filter(names_leavers, (name, wishes.sheet)), "")


def import_people(
    stream: BinaryIO,
    mailing_list: List,
    *,
    consent: str,
    name: str = "",
    by: str = "",
    wishes: ImportOptions | None = None,
    dry_run: bool = False,
    report: TextIO | None = None,
    advance: Advance | None = None,
    watch: ImportWatch | None = None,
) -> ImportOutcome:
    """Import a file into a list and say what became of every row. A dry run says the same but changes nothing. If
    it has questions, it stops at them, as the import would.

    `consent` states where the people's consent comes from. It is logged for each, with the file's `name`. `by`
    is who imports it. `advance` is told how many bytes were read. The outcome has the record, by which the import can
    be undone. `watch` hears how far the merge is, and may continue an import that was interrupted. Raises Invalid for
    a file that cannot be imported or if no consent is stated, and Refused while a column or the name of the file could
    say that people must not be emailed and nobody has said what it means.
    """
    refuse_archived(mailing_list)
    if not consent.strip():
        raise InvalidFields({"consent": CONSENT_MISSING})
    wishes, watch = wishes or ImportOptions(), watch or ImportWatch()
    lines, look = preview_file(stream, wishes)
    _require_word_on_leavers(look.mapping, wishes, name)
    outcome = ImportOutcome(dry_run=dry_run, look=look)
    reading = ImportReport(report, _named_columns(look.mapping))
    doubts, notes, bases = ColumnDoubts(look.mapping), SideValues(), RefusedBases()
    reader = RowReader(
        look.mapping, _topics_of(mailing_list), doubts=doubts, notes=notes, refused_bases=bases
    )
    advance = advance or (lambda _done: None)
    with staging_tables.room():
        staged = stage_rows(lines, look.guess, look.mapping, reader, report=reading, advance=advance)
        outcome.questions = doubts.questions()
        outcome.notes = [*_fundraising(look, wishes), *_what_was_above(look.guess), *notes.sentences()]
        if outcome.questions and not dry_run:
            raise Refused(_questions_sentence(outcome.questions))
        if outcome.questions:
            return outcome
        staged -= bases.refuse_other_rows(reading)
        if bases.are_any:
            outcome.notes += sentence_about_ruled_out(mailing_list)
        outcome.refused, outcome.first_refused = reading.refused, reading.first
        outcome.odd_rows, outcome.odd_count = lines.odd_rows, lines.odd_count
        if not dry_run:
            outcome.record = watch.continued or _record_begun(
                mailing_list, wishes, consent.strip(), name=name, by=by, began=watch.began
            )
        _merge_staged(outcome, staged, mailing_list, name=name, watch=watch)
        reading.name_the_rest()
    return outcome


def _fundraising(look: FilePreview, wishes: ImportOptions) -> list[str]:
    sentence = due_sentence(look.mapping.everyone, wishes.received)
    return [sentence] if sentence else []


def _merge_staged(
    outcome: ImportOutcome, staged: int, mailing_list: List, *, name: str, watch: ImportWatch
) -> None:
    """Merge the people of the staging table, and count what became of each of its rows."""
    assert outcome.look is not None
    has_topics = any(column.target.startswith("topic") for column in outcome.look.mapping.columns)
    people = staging_tables.gather_people()
    if people < staged:
        outcome.notes += put_repeated_rows_together()
    has_bases = outcome.look.mapping.on != ON_CONSENT or outcome.look.mapping.index_of("basis") >= 0
    outcome.notes += sentences_about_others(mailing_list, has_bases=has_bases)
    outcomes = merge(mailing_list, outcome.record, name, people=people, has_topics=has_topics, watch=watch)
    _count(outcome, staged, outcomes)
    if outcome.record:
        import_records.finish(outcome.record, outcome.counts())


@one_transaction
def _record_begun(
    mailing_list: List,
    wishes: ImportOptions,
    consent: str,
    *,
    name: str,
    by: str,
    began: Callable[[ImportRecord], None],
) -> ImportRecord:
    stated = "\n".join(filter(None, (consent, decisions_of(wishes))))
    wording = consent_wordings.kept_wording(mailing_list, stated)
    answers = {key: value for key, value in asdict(wishes).items() if value}
    record = import_records.begin(wording, mailing_list, name=name, by=by, answers=answers)
    began(record)
    return record


def _named_columns(mapping: ColumnMapping) -> list[str]:
    return [column.heading or f"column {column.number}" for column in mapping.columns]


def _what_was_above(guess: DetectedFormat) -> list[str]:
    above = guess.table.above
    return [f"The headings are in line {above + 1}. We ignored the lines above it."] if above else []


def _questions_sentence(questions: Sequence[Question]) -> str:
    return "Nothing was imported. " + " ".join(question.sentence for question in questions)


def _topics_of(mailing_list: List) -> dict[str, str]:
    topics = list(Topic.objects.filter(list=mailing_list))
    return {topic.name.lower(): topic.slug for topic in topics} | {
        topic.slug.lower(): topic.slug for topic in topics
    }


def _count(outcome: ImportOutcome, staged: int, people: dict[str, int]) -> None:
    outcome.rows = staged + outcome.refused
    outcome.duplicates = staged - sum(people.values())
    outcome.added, outcome.changed = people.get("added", 0), people.get("changed", 0)
    outcome.unchanged = people.get("unchanged", 0)
    outcome.suppressed, outcome.unsubscribed = people.get("suppressed", 0), people.get("left", 0)
