"""People as CSV: streaming, safe to open in a spreadsheet, and read back by our own import as they were."""

import csv
import json
from collections.abc import Callable, Iterator
from typing import TextIO

from django.db.models import QuerySet
from django.utils.timezone import localtime

from subscribers import sql
from subscribers.errors import Invalid
from subscribers.formulas import defused
from subscribers.imports.headings import attribute_name, field_of
from subscribers.models import List, Subscriber, Subscription
from subscribers.segments.choosing import chosen

COLUMNS = ("email", "first name", "last name", "language", "time zone", "topics", "joined", "status")
MOST_ATTRIBUTE_COLUMNS = 100
AT_ONCE = 2_000
ALL = "all"

Advance = Callable[[int], None]


def subscriptions_for_export(
    mailing_list: List, *, segment: str = "", state: str = Subscription.State.ACTIVE
) -> QuerySet[Subscription]:
    """Whom an export holds: the people of a list in that state (`all`: in any), or of a segment, which are active.

    Raises Invalid for an unknown state, or a segment of people who are not active.
    """
    if state not in {*Subscription.State.values, ALL}:
        raise Invalid(f"“{state}” is no state: give {', '.join(Subscription.State.values)} or {ALL}.")
    if segment.strip():
        if state != Subscription.State.ACTIVE:
            raise Invalid("A segment chooses active people: leave out the state.")
        return chosen(segment, mailing_list)
    found = Subscription.objects.filter(list=mailing_list)
    return found if state == ALL else found.filter(state=state)


def export_people(file: TextIO, people: QuerySet[Subscription], *, advance: Advance | None = None) -> int:
    """Write subscriptions as CSV, one a row, with a column for every attribute; how many there were.

    The file must be opened with `newline=""`. `advance` is told how many more were written.
    """
    names = attribute_names(people)
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, *map(_heading, names)] if names is not None else [*COLUMNS, "attributes"])
    count = 0
    for count, one in enumerate(_ordered(people), 1):
        attributes = one.subscriber.attributes
        free = (
            [_text(attributes.get(name)) for name in names] if names is not None else [json.dumps(attributes)]
        )
        writer.writerow([defused(cell) for cell in (*_cells(one), *free)])
        if advance and count % AT_ONCE == 0:
            advance(AT_ONCE)
    return count


def attribute_names(people: QuerySet[Subscription]) -> list[str] | None:
    """The attributes that these people have, in alphabetical order; None for more than fit into columns."""
    whose = Subscriber.objects.filter(pk__in=people.order_by().values("subscriber_id"))
    found = sql.json_keys(whose.order_by().values("attributes"), at_most=MOST_ATTRIBUTE_COLUMNS + 1)
    names = sorted(found)
    return names if len(names) <= MOST_ATTRIBUTE_COLUMNS and all(map(str.strip, names)) else None


def _ordered(people: QuerySet[Subscription]) -> Iterator[Subscription]:
    ordered = people.select_related("subscriber").prefetch_related("topics").order_by("pk")
    return ordered.iterator(chunk_size=AT_ONCE)


def _cells(one: Subscription) -> tuple[str, ...]:
    person = one.subscriber
    return (
        person.address,
        person.first_name,
        person.last_name,
        person.locale,
        person.zone,
        ", ".join(topic.slug for topic in one.topics.all()),
        localtime(one.joined_at).isoformat(timespec="seconds"),
        one.state,
    )


def _heading(name: str) -> str:
    is_plain = attribute_name(name) == name and not field_of(name)
    return name if is_plain else f"attribute:{name}"


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
