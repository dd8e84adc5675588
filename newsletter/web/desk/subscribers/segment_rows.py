"""The conditions of a segment as rows of a form: what each row offers, and what a form says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from newsletter.first_run.guess_language_and_zone import zones
from newsletter.issues.people_in_segment import details_offered
from newsletter.web.desk.languages_and_zones import every_language
from subscribers.models import Basis, List, SourceKind
from subscribers.segments.condition_rows import (
    AND,
    ATTRIBUTE,
    MOST_ROWS,
    OR,
    WITHOUT_VALUE,
    ConditionRow,
    row_verbs,
    text_of_rows,
)
from subscribers.segments.known_details import KnownDetails
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.segment_fields import Kind, find_subject, subjects
from subscribers.segments.select_people import condition
from subscribers.whole_numbers import whole_number

# Rows by the keys that the names of their fields end with. A row keeps its key when others are removed, because a
# browser keeps what is typed by the names of fields.
Rows = dict[int, ConditionRow]
FIELDS = ("joined", "subject", "attribute", "verb", "value")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LONGEST_VALUE = 500
LONGEST_KEY = 3
LABELS = {
    "basis": "lawful basis",
    "list": "other list",
    "source": "how they joined",
    "address": "email address",
}
DATE_VERBS = tuple(verb for verb in row_verbs("joined") if verb.endswith(("before", "after", "since", "on")))
HINTS = {
    Kind.DATE: "Enter a date, such as 2026-01-31. For “in the last”, enter a length of time, such as 90 days.",
    Kind.BEHAVIOUR: "Enter a date, such as 2026-01-31. For “in the last”, enter a length of time, such as 90 days.",
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as the form shows it: the key of its fields, its condition, verbs that fit its subject, and values.

    `details` has the names to offer, if any row asks for the name of a detail. `has_dates` says whether the subject is
    compared with dates by `DATE_VERBS`, and `is_date` whether the value is one now, so that a date field can show it.
    """

    key: int
    row: ConditionRow
    verbs: Sequence[tuple[str, str]]
    values: Sequence[str]
    needs_value: bool
    hint: str
    details: KnownDetails | None
    has_dates: bool
    is_date: bool


def subject_choices() -> list[tuple[str, str]]:
    """Return the subjects of conditions, and “another detail” for the attributes of people."""
    known = [(each.name, LABELS.get(each.name, each.name)) for each in subjects()]
    return [*known, (ATTRIBUTE, "another detail")]


def rows_of_form(form: QueryDict, *, saves: bool) -> Rows:
    """Return the rows that a form has. Unless it is saved, a verb that does not fit its subject becomes one that does.

    A form that is saved means what it showed.
    """
    rows: Rows = {}
    for text in form.getlist("row")[:MOST_ROWS]:
        number = whole_number(text, digits=LONGEST_KEY)
        if number is None:
            continue
        given = {name: form.get(f"{name}-{text}", "")[:LONGEST_VALUE] for name in FIELDS}
        fits = row_verbs(given["subject"])
        verb = given["verb"] if saves or given["verb"] in fits else fits[0]
        rows[number] = replace(ConditionRow(**given), verb=verb)
    return rows


def shown_rows(rows: Rows, mailing_list: List) -> list[ShownRow]:
    """Return the rows as the form shows them."""
    topics = [each.name for each in mailing_list.topics.all()]
    others = [each.name for each in List.objects.order_by("name")[:100]]
    sources = [str(each.label) for each in SourceKind]
    offered = {
        "topic": topics,
        "list": others,
        "source": sources,
        "basis": [str(each.label) for each in Basis],
        "language": [tag for tag, _name in every_language() if tag],
        "time zone": zones(),
    }
    asks_details = any(row.subject == ATTRIBUTE for row in rows.values())
    details = details_offered(mailing_list) if asks_details else None
    return [
        _shown(key, row, details, _values(row, details, offered.get(row.subject, [])))
        for key, row in rows.items()
    ]


def _values(row: ConditionRow, details: KnownDetails | None, offered: Sequence[str]) -> Sequence[str]:
    return details.values_of(row.attribute) if details and row.subject == ATTRIBUTE else offered


def _shown(key: int, row: ConditionRow, details: KnownDetails | None, values: Sequence[str]) -> ShownRow:
    known = None if row.subject == ATTRIBUTE else find_subject(row.subject)
    has_dates = bool(known and known.kind in {Kind.DATE, Kind.BEHAVIOUR})
    return ShownRow(
        key,
        row,
        [(verb, verb.replace("in last", "in the last")) for verb in row_verbs(row.subject)],
        values,
        row.verb not in WITHOUT_VALUE,
        _hint(row),
        details,
        has_dates,
        has_dates and row.verb in DATE_VERBS and _is_shown_by_date_field(row.value),
    )


def wrong_fields(rows: Rows, mailing_list: List) -> dict[str, str]:
    """Return what is wrong with the rows, by the names of their fields."""
    wrong: dict[str, str] = {}
    for key, row in rows.items():
        try:
            condition(text_of_rows([row]), mailing_list)
        except WrongSegment as error:
            wrong[f"{error.part}-{key}"] = error.sentence
    return wrong


def keyed(rows: Sequence[ConditionRow]) -> Rows:
    """Return rows with keys."""
    return dict(enumerate(rows))


def added(rows: Rows, joined: str) -> Rows:
    """Return the rows with one more."""
    if len(rows) >= MOST_ROWS:
        return rows
    return rows | {max(rows, default=-1) + 1: ConditionRow(joined=OR if joined == OR else AND)}


def removed(rows: Rows, key: int) -> Rows:
    """Return the rows without the one with this key. What began a group is now begun by the next row."""
    kept, after = {}, False
    for each, row in rows.items():
        if each != key:
            begins = after and rows[key].joined == OR
            kept[each] = replace(row, joined=OR) if begins else row
        after = each == key
    return kept


def _is_shown_by_date_field(value: str) -> bool:
    """Return whether a date field would show a value. It shows nothing of what is not a date."""
    return not value or bool(_DATE.fullmatch(value))


def _hint(row: ConditionRow) -> str:
    if row.subject == "topic":
        return "People who chose no topic get every topic, so they are included."
    known = None if row.subject == ATTRIBUTE else find_subject(row.subject)
    return HINTS.get(known.kind, "") if known else ""
