"""Export people as CSV: streamed, safe to open in a spreadsheet, and read back unchanged by our own import."""

import csv
import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TextIO

from django.db.models import QuerySet
from django.utils.timezone import localtime

from subscribers import raw_sql
from subscribers.csv_safety import escape_formula
from subscribers.errors import Invalid
from subscribers.imports.column_aliases import attribute_name, field_of
from subscribers.imports.consent_headings import could_say_no, is_about_contact, meaning_of
from subscribers.imports.service_presets import known_to_a_service
from subscribers.lawful_basis import SOFT_OPT_INS
from subscribers.models import Basis, List, Subscriber, Subscription
from subscribers.segments.select_people import chosen

COLUMNS = (
    "email",
    "first name",
    "last name",
    "language",
    "time zone",
    "topics",
    "joined",
    "paused until",
    "status",
)
TYPED = "typed attributes"
# Our import keeps the short name of the list as an attribute.
LIST = "attribute:list"
# Only if somebody has another basis than consent. Details for a soft opt-in are always from the person.
BASIS = ("lawful basis", "details collected from")
MAX_ATTRIBUTE_COLUMNS = 100
AT_ONCE = 2_000
ALL = "all"

Advance = Callable[[int], None]


def subscriptions_for_export(
    mailing_list: List, *, segment: str = "", state: str = Subscription.State.ACTIVE
) -> QuerySet[Subscription]:
    """Return whom to export: the people of a list in a state (`all`: in any), or of a segment, whose people are
    active.

    Raises Invalid for an unknown state, or a segment of people who are not active.
    """
    _require_state(state)
    if segment.strip():
        if state != Subscription.State.ACTIVE:
            raise Invalid("Segments only include active people, so you cannot choose another state.")
        return chosen(segment, mailing_list)
    found = Subscription.objects.filter(list=mailing_list)
    return found if state == ALL else found.filter(state=state)


def everyone_for_export(*, state: str = Subscription.State.ACTIVE) -> QuerySet[Subscription]:
    """Return the subscriptions to all lists in a state, or in any (`all`). Raises Invalid for an unknown state."""
    _require_state(state)
    found = Subscription.objects.all()
    return found if state == ALL else found.filter(state=state)


def _require_state(state: str) -> None:
    if state not in {*Subscription.State.values, ALL}:
        raise Invalid(f"“{state}” is not a state. Use {', '.join(Subscription.State.values)} or {ALL}.")


def export_people(
    file: TextIO,
    people: QuerySet[Subscription],
    *,
    advance: Advance | None = None,
    with_lists: bool = False,
) -> int:
    """Write subscriptions as CSV, one per row, and return how many there were.

    Every attribute that is a text for everyone who has it gets a column. The others share one column as JSON. The
    file must be opened with `newline=""`. `advance` is told how many more were written. `with_lists` adds a column with
    the list, for the people of several lists.
    """
    names, typed = attribute_names(people)
    writer = csv.writer(file)
    of_lists = [LIST] if with_lists else []
    of_bases = BASIS if people.exclude(basis=Basis.CONSENT).exists() else ()
    writer.writerow([*COLUMNS, *of_bases, *of_lists, *map(_heading, names), *([TYPED] if typed else [])])
    count = 0
    for count, (person, topics) in enumerate(_ordered(people), 1):
        attributes = person.attributes
        free = [attributes.get(name) or "" for name in names]
        if typed:
            others = {name: value for name, value in attributes.items() if name in typed}
            free.append(json.dumps(others) if others else "")
        whose = [person.list] if with_lists else []
        basis = (person.basis, "the person" if person.basis in SOFT_OPT_INS else "") if of_bases else ()
        cells = (*_cells(person, topics), *basis, *whose, *free)
        writer.writerow([escape_formula(cell) for cell in cells])
        if advance and count % AT_ONCE == 0:
            advance(AT_ONCE)
    return count


def attribute_names(people: QuerySet[Subscription]) -> tuple[list[str], frozenset[str]]:
    """Return the attributes of these people: those that fit in columns, in alphabetical order, and the others."""
    whose = Subscriber.objects.filter(pk__in=people.order_by().values("subscriber_id"))
    found = raw_sql.json_keys(whose.order_by().values("attributes"))
    texts = sorted(name for name, is_text in found.items() if is_text and _can_be_a_heading(name))
    if len(texts) > MAX_ATTRIBUTE_COLUMNS:
        return [], frozenset(found)
    return texts, frozenset(found) - frozenset(texts)


class ExportedPerson(NamedTuple):
    """What a row of the file has, read without models, which take most of the time."""

    subscription: int
    address: str
    first_name: str
    last_name: str
    locale: str
    zone: str
    attributes: dict[str, Any]
    joined_at: datetime
    paused_until: date | None
    state: str
    list: str
    basis: str


_READ = (
    "pk",
    *(
        f"subscriber__{name}"
        for name in ("address", "first_name", "last_name", "locale", "zone", "attributes")
    ),
    *("joined_at", "paused_until", "state", "list__slug", "basis"),
)


def _ordered(people: QuerySet[Subscription]) -> Iterator[tuple[ExportedPerson, str]]:
    """Yield the people with their topics, some thousand at once, without an open cursor in between.

    On SQLite a cursor that stays open keeps its connection from writing once another one has written. People who
    unsubscribe meanwhile are left out.
    """
    numbers = array("q", people.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=AT_ONCE))
    for first in range(0, len(numbers), AT_ONCE):
        some = numbers[first : first + AT_ONCE].tolist()
        topics = _topics_of(some)
        for row in people.filter(pk__in=some).order_by("pk").values_list(*_READ):
            person = ExportedPerson(*row)
            yield person, ", ".join(topics.get(person.subscription, ()))


def _topics_of(subscriptions: Sequence[int]) -> dict[int, list[str]]:
    found = Subscription.topics.through.objects.filter(subscription__in=subscriptions)
    topics: dict[int, list[str]] = {}
    for subscription, slug in found.order_by("topic__position", "topic__name").values_list(
        "subscription_id", "topic__slug"
    ):
        topics.setdefault(subscription, []).append(slug)
    return topics


def _cells(person: ExportedPerson, topics: str) -> tuple[str, ...]:
    return (
        person.address,
        person.first_name,
        person.last_name,
        person.locale,
        person.zone,
        topics,
        localtime(person.joined_at).isoformat(timespec="seconds"),
        person.paused_until.isoformat() if person.paused_until else "",
        person.state,
    )


def _can_be_a_heading(name: str) -> bool:
    # An address in the first row would be taken for a person.
    return bool(name) and name.isprintable() and name == name.strip() and "@" not in name


def _heading(name: str) -> str:
    """Return the plain name, if an import takes it for nothing else."""
    means_more = (
        field_of(name)
        or known_to_a_service(name)
        or could_say_no(name)
        or is_about_contact(name)
        or meaning_of(name)
    )
    is_plain = attribute_name(name) == name and not means_more
    return name if is_plain else f"attribute:{name}"
