"""Finds people by name, address, list and state, newest first and page by page, by what an index can answer.

Up to MOST_SEARCHED_WHOLE people, a search looks into every name and address. Above that, it finds the people whose
address begins with the text, in the order of their addresses, because no index answers more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from subscribers import sql
from subscribers.address_spellings import AT_SIGNS
from subscribers.email_addresses import fold
from subscribers.errors import Invalid
from subscribers.models import List, Subscriber, Subscription

PEOPLE_PER_PAGE = 50
MOST_SEARCHED_WHOLE = 20_000
# SQLite allows 500 parts of one query.
MOST_LISTS = 150
LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What the list of people is asked for. `after` is the cursor: a number, or in a search by index an address."""

    text: str = ""
    mailing_list: List | None = None
    state: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """A page of people, each with their subscriptions, and the cursor of the next page (empty if there is none)."""

    people: list[Subscriber]
    next: str


def is_searched_whole() -> bool:
    """Return whether there are few enough people that a search looks into every name and address."""
    # Their numbers say little: they have gaps after imports and erasures.
    return (
        Subscriber.objects.order_by().values("pk")[: MOST_SEARCHED_WHOLE + 1].count() <= MOST_SEARCHED_WHOLE
    )


def find_people(wanted: PeopleFilter) -> FoundPeople:
    """Return the people that the filter lets through, one page of them."""
    if wanted.text and any(sign in wanted.text for sign in AT_SIGNS):
        found = _at_address(wanted)
        if found is not None:
            return found
    if wanted.text:
        return _with_text(wanted) if is_searched_whole() else _with_prefix(wanted)
    if wanted.mailing_list or wanted.state:
        return _subscribed(wanted)
    people = _before(Subscriber.objects.order_by("-pk"), wanted.after)
    return _page(list(_with_lists(people)[: PEOPLE_PER_PAGE + 1]), lambda each: str(each.pk))


def _at_address(wanted: PeopleFilter) -> FoundPeople | None:
    """Return the person at a whole address, however it is spelt, or None if there is none."""
    try:
        key = fold(wanted.text)
    except Invalid:
        return None
    people = list(_with_lists(_in_state(Subscriber.objects.filter(address_key=key), wanted)))
    return FoundPeople(people, "") if people else None


def _with_text(wanted: PeopleFilter) -> FoundPeople:
    found = Subscriber.objects.order_by("-pk")
    for word in wanted.text.split()[:5]:
        found = found.filter(
            Q(address__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
        )
    people = _before(_in_state(found, wanted), wanted.after)
    return _page(list(_with_lists(people)[: PEOPLE_PER_PAGE + 1]), lambda each: str(each.pk))


def _with_prefix(wanted: PeopleFilter) -> FoundPeople:
    text = wanted.text.lower()
    if connection.vendor == "sqlite":
        # SQLite's LIKE does not use the index, which compares bytes.
        begins = Subscriber.objects.filter(address_key__gte=text, address_key__lt=text + LAST_CHARACTER)
    else:
        begins = Subscriber.objects.filter(address_key__startswith=text)
    found = _in_state(begins, wanted).order_by("address_key")
    if wanted.after:
        found = found.filter(address_key__gt=wanted.after)
    return _page(list(_with_lists(found)[: PEOPLE_PER_PAGE + 1]), lambda each: each.address_key)


def _subscribed(wanted: PeopleFilter) -> FoundPeople:
    """Return people by their subscriptions, newest subscription first.

    No index has the subscriptions of several lists or states in order, so the newest of each are put together.
    """
    lists = [wanted.mailing_list.pk] if wanted.mailing_list else list(_list_numbers())
    states = [wanted.state] if wanted.state else Subscription.State.values
    table = sql.table(Subscription)
    before = int(wanted.after) if _is_number(wanted.after) else 2**62
    parameters: dict[str, object] = {"before": before, "most": PEOPLE_PER_PAGE + 1}
    parts = []
    for at, (number, state) in enumerate(product(lists, states)):
        parameters |= {f"list{at}": number, f"state{at}": state}
        parts.append(
            f"SELECT id FROM (SELECT id FROM {table} WHERE list_id = %(list{at})s AND state = %(state{at})s"  # noqa: S608 - our own names
            " AND id < %(before)s ORDER BY id DESC LIMIT %(most)s) AS newest"
        )
    if not parts:
        return FoundPeople([], "")
    query = f"{' UNION ALL '.join(parts)} ORDER BY id DESC LIMIT %(most)s"
    numbers = [number for (number,) in sql.rows(query, parameters)]
    shown = numbers[:PEOPLE_PER_PAGE]
    whose = dict(Subscription.objects.filter(pk__in=shown).values_list("pk", "subscriber_id"))
    people = {each.pk: each for each in _with_lists(Subscriber.objects.filter(pk__in=set(whose.values())))}
    # A person on several lists stands where their newest subscription is.
    ordered = dict.fromkeys(whose[number] for number in shown if number in whose)
    return FoundPeople(
        [people[number] for number in ordered if number in people],
        str(shown[-1]) if len(numbers) > PEOPLE_PER_PAGE else "",
    )


def _list_numbers() -> QuerySet[List, int]:
    return List.objects.order_by("slug").values_list("pk", flat=True)[:MOST_LISTS]


def _in_state(people: QuerySet[Subscriber], wanted: PeopleFilter) -> QuerySet[Subscriber]:
    if not wanted.mailing_list and not wanted.state:
        return people
    theirs = Subscription.objects.filter(subscriber=OuterRef("pk"))
    if wanted.mailing_list:
        theirs = theirs.filter(list=wanted.mailing_list)
    if wanted.state:
        theirs = theirs.filter(state=wanted.state)
    return people.filter(Exists(theirs))


def _before(people: QuerySet[Subscriber], after: str) -> QuerySet[Subscriber]:
    return people.filter(pk__lt=int(after)) if _is_number(after) else people


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - below 2**63


def _with_lists(people: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    return people.prefetch_related(
        Prefetch("subscriptions", Subscription.objects.select_related("list").order_by("list__name"))
    )


def _page(found: list[Subscriber], cursor: Callable[[Subscriber], str]) -> FoundPeople:
    shown = found[:PEOPLE_PER_PAGE]
    return FoundPeople(shown, cursor(shown[-1]) if len(found) > PEOPLE_PER_PAGE else "")
