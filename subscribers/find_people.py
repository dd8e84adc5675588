"""Finds people by name, address, list, state, topic and day of joining, page by page, by what an index can answer.

A search by text gives the newest people first. Without a text, the newest subscriptions come first or,
between two days, those with the latest day of joining.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Prefetch, QuerySet

from subscribers.email_addresses import fold
from subscribers.errors import Invalid
from subscribers.models import SearchTodo, Subscriber, Subscription
from subscribers.models.address_index import AT_SIGNS
from subscribers.people_filter import PeopleFilter, filtered
from subscribers.search.match_people import MOST_WAITING, NEWEST_OF_ALL
from subscribers.search.people_search_words import SHORTEST, search_words
from subscribers.subscriptions_in_order import (
    Row,
    cursor_of_days,
    few_subscriptions,
    is_number,
    latest_joined,
    newest_subscriptions,
)

PEOPLE_PER_PAGE = 50
MOST_SEARCHED_WHOLE = 20_000
LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """A page of people, each with their subscriptions, and the cursor of the next page (empty if there is none)."""

    people: list[Subscriber]
    next: str


def is_searched_whole() -> bool:
    """Return whether there are few enough people that even one or two characters are looked for in every name."""
    # Their numbers say little: they have gaps after imports and erasures.
    return (
        Subscriber.objects.order_by().values("pk")[: MOST_SEARCHED_WHOLE + 1].count() <= MOST_SEARCHED_WHOLE
    )


def is_too_short(text: str) -> bool:
    """Return whether a text is too short to be looked for in every name and address of all people.

    A search for it then finds the people whose address begins with it.
    """
    return (
        bool(text)
        and not any(len(word) >= SHORTEST for word in search_words(text))
        and not is_searched_whole()
    )


def not_searched_yet() -> int:
    """Return about how many people a search cannot find yet: those of a large import that the index has not reached."""
    waiting = SearchTodo.objects.order_by().values("pk")[: MOST_WAITING + 1].count()
    return SearchTodo.objects.count() - MOST_WAITING if waiting > MOST_WAITING else 0


def find_people(wanted: PeopleFilter) -> FoundPeople:
    """Return the people that the filter lets through, one page of them."""
    if wanted.text:
        return _with_prefix(wanted) if is_too_short(wanted.text) else _with_words(wanted)
    if wanted.suppressed:
        return _with_words(wanted)
    if wanted.is_about_days:
        return _joined(wanted)
    if wanted.is_about_subscriptions:
        return _subscribed(wanted)
    people = Subscriber.objects.order_by("-pk")
    if is_number(wanted.after):
        people = people.filter(pk__lt=int(wanted.after))
    return _page(list(_with_lists(people)[: PEOPLE_PER_PAGE + 1]), lambda each: str(each.pk))


def count_people(wanted: PeopleFilter) -> int:
    """Return how many people the filter lets through, on all pages. It may take a second for a million."""
    if wanted.text and is_too_short(wanted.text):
        return _beginning_with(wanted).count()
    found = wanted.match().count()
    exact = _at_address(wanted)
    return found + (exact is not None and not wanted.match().numbers(most=1, among=[exact]))


def numbers_of_people(wanted: PeopleFilter, *, before: int = NEWEST_OF_ALL, most: int) -> list[int]:
    """Return the numbers of the next people that the filter lets through, greatest first, for acts on all of them."""
    if wanted.text and is_too_short(wanted.text):
        people = _beginning_with(wanted).filter(pk__lt=before).order_by("-pk")
        return list(people.values_list("pk", flat=True)[:most])
    numbers = wanted.match().numbers(before=before, most=most)
    exact = _at_address(wanted)
    if exact is not None and exact < before:
        numbers = sorted({*numbers, exact}, reverse=True)[:most]
    return numbers


def _at_address(wanted: PeopleFilter) -> int | None:
    """Return the number of the person at a whole address, however it is spelt, or None if there is none."""
    if not any(sign in wanted.text for sign in AT_SIGNS):
        return None
    try:
        key = fold(wanted.text)
    except Invalid:
        return None
    people = filtered(Subscriber.objects.filter(address_key=key), wanted)
    return people.values_list("pk", flat=True).first()


def _with_words(wanted: PeopleFilter) -> FoundPeople:
    before = int(wanted.after) if is_number(wanted.after) else NEWEST_OF_ALL
    most, few = PEOPLE_PER_PAGE + 1, few_subscriptions(wanted)
    among = None if few is None else sorted({person for _number, person, _at in few})
    numbers = wanted.match().numbers(before=before, most=most, among=among)
    exact = None if wanted.after else _at_address(wanted)
    shown = numbers[:PEOPLE_PER_PAGE]
    if exact is not None:
        shown = [exact, *(number for number in shown if number != exact)]
    return FoundPeople(_people_at(shown), str(numbers[PEOPLE_PER_PAGE - 1]) if len(numbers) == most else "")


def _beginning_with(wanted: PeopleFilter) -> QuerySet[Subscriber]:
    text = wanted.text.lower()
    if connection.vendor == "sqlite":
        # SQLite's LIKE does not use the index, which compares bytes.
        begins = Subscriber.objects.filter(address_key__gte=text, address_key__lt=text + LAST_CHARACTER)
    else:
        begins = Subscriber.objects.filter(address_key__startswith=text.replace("\0", LAST_CHARACTER))
    return filtered(begins, wanted)


def _with_prefix(wanted: PeopleFilter) -> FoundPeople:
    found = _beginning_with(wanted).order_by("address_key")
    if wanted.after:
        found = found.filter(address_key__gt=wanted.after.replace("\0", ""))
    return _page(list(_with_lists(found)[: PEOPLE_PER_PAGE + 1]), lambda each: each.address_key)


def _subscribed(wanted: PeopleFilter) -> FoundPeople:
    """Return people by their subscriptions, newest subscription first."""
    before = int(wanted.after) if is_number(wanted.after) else NEWEST_OF_ALL
    rows = newest_subscriptions(wanted, before=before, most=PEOPLE_PER_PAGE + 1)
    return _of_subscriptions(rows, lambda row: str(row[0]))


def _joined(wanted: PeopleFilter) -> FoundPeople:
    """Return people by their subscriptions, latest day of joining first."""
    rows = latest_joined(wanted, after=wanted.after, most=PEOPLE_PER_PAGE + 1)
    return _of_subscriptions(rows, cursor_of_days)


def _of_subscriptions(rows: Sequence[Row], cursor: Callable[[Row], str]) -> FoundPeople:
    shown = rows[:PEOPLE_PER_PAGE]
    # A person on several lists stands where their first subscription is.
    people = _people_at(list(dict.fromkeys(row[1] for row in shown)))
    return FoundPeople(people, cursor(shown[-1]) if len(rows) > PEOPLE_PER_PAGE else "")


def _people_at(numbers: Sequence[int]) -> list[Subscriber]:
    """Return people in the order of these numbers."""
    people = {each.pk: each for each in _with_lists(Subscriber.objects.filter(pk__in=numbers))}
    return [people[number] for number in numbers if number in people]


def _with_lists(people: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    return people.prefetch_related(
        Prefetch("subscriptions", Subscription.objects.select_related("list").order_by("list__name"))
    )


def _page(found: list[Subscriber], cursor: Callable[[Subscriber], str]) -> FoundPeople:
    shown = found[:PEOPLE_PER_PAGE]
    return FoundPeople(shown, cursor(shown[-1]) if len(found) > PEOPLE_PER_PAGE else "")
