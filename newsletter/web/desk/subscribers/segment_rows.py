"""The conditions of a segment as rows of a form: what each row offers, and what a form says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict

from subscribers.models import List, SourceKind
from subscribers.segments.condition_rows import (
    ATTRIBUTE,
    MOST_ROWS,
    OR,
    WITHOUT_VALUE,
    ConditionRow,
    row_verbs,
)
from subscribers.segments.segment_fields import Kind, find_subject, subjects

LONGEST_VALUE = 500
LABELS = {"list": "on the list", "source": "how they joined", "address": "email address"}
HINTS = {
    Kind.DATE: "A date such as 2026-01-31. For “in last”, a time such as 90 days.",
    Kind.BEHAVIOUR: "A date such as 2026-01-31. For “in last”, a time such as 90 days.",
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as the form shows it: its condition, the verbs that fit its subject, and values to choose from."""

    row: ConditionRow
    verbs: Sequence[tuple[str, str]]
    values: Sequence[str]
    needs_value: bool
    hint: str


def subject_choices() -> list[tuple[str, str]]:
    """Return the subjects of conditions, and “another detail” for the attributes of people."""
    known = [(each.name, LABELS.get(each.name, each.name)) for each in subjects()]
    return [*known, (ATTRIBUTE, "another detail")]


def rows_of_form(form: QueryDict) -> list[ConditionRow]:
    """Return the rows that a form has. A verb that does not fit a new subject becomes the first that does."""
    texts = {name: form.getlist(name) for name in ("joined", "subject", "attribute", "verb", "value")}
    rows = []
    for n, subject in enumerate(texts["subject"][:MOST_ROWS]):
        given = {name: _at(values, n) for name, values in texts.items() if name != "subject"}
        fits = row_verbs(subject)
        verb = given["verb"] if given["verb"] in fits else fits[0]
        rows.append(replace(ConditionRow(**given), subject=subject, verb=verb))
    return rows


def shown_rows(rows: Sequence[ConditionRow], mailing_list: List) -> list[ShownRow]:
    """Return the rows as the form shows them."""
    topics = [each.name for each in mailing_list.topics.all()]
    others = [each.name for each in List.objects.order_by("name")[:100]]
    sources = [str(each.label) for each in SourceKind]
    offered = {"topic": topics, "list": others, "source": sources}
    return [
        ShownRow(
            row,
            [(verb, verb) for verb in row_verbs(row.subject)],
            offered.get(row.subject, []),
            row.verb not in WITHOUT_VALUE,
            _hint(row),
        )
        for row in rows
    ]


def added(rows: Sequence[ConditionRow], joined: str) -> list[ConditionRow]:
    """Return the rows with one more."""
    return [*rows, ConditionRow(joined=OR if joined == OR else "and", value="90 days")][:MOST_ROWS]


def removed(rows: Sequence[ConditionRow], number: int) -> list[ConditionRow]:
    """Return the rows without the one of this number. What began a group is now begun by the next row."""
    kept = list(rows)
    if not 0 <= number < len(kept):
        return kept
    gone = kept.pop(number)
    if number < len(kept) and gone.joined == OR:
        kept[number] = replace(kept[number], joined=OR)
    return kept


def _hint(row: ConditionRow) -> str:
    if row.subject == "topic":
        return "People who chose no topic get every topic, so they count too."
    known = None if row.subject == ATTRIBUTE else find_subject(row.subject)
    return HINTS.get(known.kind, "") if known else ""


def _at(values: Sequence[str], n: int) -> str:
    return values[n][:LONGEST_VALUE] if n < len(values) else ""
