"""Finds people by name, address, list, state, topic and day of joining, page by page, by what an index can answer.

A search by text gives the newest people first. Without a text, the newest subscriptions come first or,
between two days, those with the latest day of joining.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from subscribers import raw_sql
from subscribers.email_addresses import fold
from subscribers.errors import Invalid
from subscribers.models import List, SearchTodo, Subscriber, Subscription, Topic
from subscribers.models.address_index import AT_SIGNS
from subscribers.search.match_people import MOST_WAITING, NEWEST_OF_ALL, Match
from subscribers.search.search_words import SHORTEST, search_words

PEOPLE_PER_PAGE = 50
MOST_SEARCHED_WHOLE = 20_000
# SQLite allows 500 parts of one query.
MOST_LISTS = 150
LAST_CHARACTER = "\U0010ffff"
# Up to this many subscriptions are looked at one by one.
FEW = 3_000
SUBSCRIPTIONS, TOPICS_OF = raw_sql.table(Subscription), raw_sql.table(Subscription.topics.through)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What the list of people is asked for. `after` is the cursor of the page before.

    The list, the state, the topic and the days, which both count, are about the same subscription. Days are those of
    the current time zone.
    """

    text: str = ""
    mailing_list: List | None = None
    state: str = ""
    topic: Topic | None = None
    joined_from: date | None = None
    joined_to: date | None = None
    after: str = ""

    @property
    def is_about_subscriptions(self) -> bool:
        """Whether people need a subscription of some kind."""
        return bool(self.mailing_list or self.state or self.topic or self.is_about_days)

    @property
    def is_about_days(self) -> bool:
        """Whether people must have joined on certain days."""
        return bool(self.joined_from or self.joined_to)

    def is_met_by(self, subscription: Subscription) -> bool:
        """Return whether a subscription is of the wanted list, state and days. Of a topic, only its list counts."""
        wanted_list = self.mailing_list.pk if self.mailing_list else self.topic and self.topic.list_id
        return (
            wanted_list in {None, subscription.list_id}
            and self.state in {"", subscription.state}
            and all(
                subscription.joined_at >= moment if sign == ">=" else subscription.joined_at < moment
                for _name, sign, moment in self._moments()
            )
        )

    def match(self) -> Match:
        """Return what people must be like."""
        parts, parameters = [], dict[str, Any]()
        if self.mailing_list or self.topic:
            parts.append("u.list_id = %(list)s")
            parameters["list"] = (
                self.mailing_list.pk if self.mailing_list else self.topic and self.topic.list_id
            )
        if self.state:
            parts.append("u.state = %(state)s")
            parameters["state"] = self.state
        if self.topic:
            parts.append(
                f"EXISTS (SELECT 1 FROM {TOPICS_OF} h WHERE h.subscription_id = u.id AND h.topic_id = %(topic)s)"  # noqa: S608 - our own names
            )
            parameters["topic"] = self.topic.pk
        for name, sign, moment in self._moments():
            parts.append(f"u.joined_at {sign} %({name})s")
            parameters[name] = raw_sql.moment(moment)
        return Match(search_words(self.text), " AND ".join(parts), parameters)

    def _moments(self) -> list[tuple[str, str, datetime]]:
        moments = []
        if self.joined_from:
            moments.append(("joined_from", ">=", _midnight(self.joined_from)))
        if self.joined_to and self.joined_to < date.max:
            moments.append(("joined_before", "<", _midnight(self.joined_to + timedelta(days=1))))
        return moments


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
    if wanted.is_about_days:
        return _joined(wanted)
    if wanted.is_about_subscriptions:
        return _subscribed(wanted)
    people = Subscriber.objects.order_by("-pk")
    if _is_number(wanted.after):
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
    people = _in_filter(Subscriber.objects.filter(address_key=key), wanted)
    return people.values_list("pk", flat=True).first()


def _with_words(wanted: PeopleFilter) -> FoundPeople:
    before = int(wanted.after) if _is_number(wanted.after) else NEWEST_OF_ALL
    most, few = PEOPLE_PER_PAGE + 1, _few(wanted)
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
    return _in_filter(begins, wanted)


def _with_prefix(wanted: PeopleFilter) -> FoundPeople:
    found = _beginning_with(wanted).order_by("address_key")
    if wanted.after:
        found = found.filter(address_key__gt=wanted.after.replace("\0", ""))
    return _page(list(_with_lists(found)[: PEOPLE_PER_PAGE + 1]), lambda each: each.address_key)


def _subscribed(wanted: PeopleFilter) -> FoundPeople:
    """Return people by their subscriptions, newest subscription first."""
    before = int(wanted.after) if _is_number(wanted.after) else NEWEST_OF_ALL
    few = _few(wanted)
    if few is None:
        rows = _newest(wanted, "u.id < %(before)s", "u.id DESC", {"before": before})
    else:
        rows = sorted((row for row in few if row[0] < before), reverse=True)
    return _of_subscriptions(rows, lambda row: str(row[0]))


def _joined(wanted: PeopleFilter) -> FoundPeople:
    """Return people by their subscriptions, latest day of joining first."""
    at, _sign, number = wanted.after.partition("~")
    few = _few(wanted)
    if few is not None:
        rows = sorted(few, key=_day_of_joining, reverse=True)
        if (moment := _moment(at)) and _is_number(number):
            rows = [row for row in rows if _day_of_joining(row) < (moment, int(number))]
        return _of_subscriptions(rows, _cursor_of_days)
    cursor, parameters = "1 = 1", dict[str, Any]()
    if (moment := _moment(at)) and _is_number(number):
        cursor = "(u.joined_at, u.id) < (%(at)s, %(before)s)"
        parameters = {"at": raw_sql.moment(moment), "before": int(number)}
    rows = _newest(wanted, cursor, "u.joined_at DESC, u.id DESC", parameters)
    return _of_subscriptions(rows, _cursor_of_days)


def _cursor_of_days(row: tuple[Any, ...]) -> str:
    return f"{_as_moment(row[2]).isoformat()}~{row[0]}"


def _day_of_joining(row: tuple[Any, ...]) -> tuple[datetime, int]:
    return _as_moment(row[2]), row[0]


def _newest(
    wanted: PeopleFilter, cursor: str, order: str, parameters: dict[str, Any]
) -> list[tuple[int, int, Any]]:
    """Return the first subscriptions in an order: number, person and when they joined.

    No index has the subscriptions of several lists or states in order, so the first of each are put together.
    """
    match = wanted.match()
    lists = [match.parameters["list"]] if "list" in match.parameters else list(_list_numbers())
    states = [wanted.state] if wanted.state or wanted.is_about_days else Subscription.State.values
    given: dict[str, Any] = {**match.parameters, **parameters, "most": PEOPLE_PER_PAGE + 1}
    parts = []
    for at, (number, state) in enumerate(product(lists, states)):
        given |= {f"list{at}": number, f"state{at}": state}
        one = f"u.list_id = %(list{at})s{f' AND u.state = %(state{at})s' if state else ''}"
        theirs = f" AND {match.theirs}" if match.theirs else ""
        parts.append(
            "SELECT id, subscriber_id, joined_at FROM (SELECT u.id, u.subscriber_id, u.joined_at "  # noqa: S608 - our own names
            f"FROM {SUBSCRIPTIONS} u WHERE {one} AND {cursor}{theirs} ORDER BY {order} LIMIT %(most)s) AS first"
        )
    if not parts:
        return []
    query = f"{' UNION ALL '.join(parts)} ORDER BY {order.replace('u.', '')} LIMIT %(most)s"
    return [(number, person, at) for number, person, at in raw_sql.rows(query, given)]


def _of_subscriptions(
    rows: Sequence[tuple[Any, ...]], cursor: Callable[[tuple[Any, ...]], str]
) -> FoundPeople:
    shown = rows[:PEOPLE_PER_PAGE]
    # A person on several lists stands where their first subscription is.
    people = _people_at(list(dict.fromkeys(row[1] for row in shown)))
    return FoundPeople(people, cursor(shown[-1]) if len(rows) > PEOPLE_PER_PAGE else "")


def _few(wanted: PeopleFilter) -> list[tuple[int, int, Any]] | None:
    """Return all subscriptions that the filter lets through, if an index says that they are few: number, person and
    when they joined.
    """
    match = wanted.match()
    for driver in _drivers(wanted):
        query = f"{driver} LIMIT {FEW + 1}"
        numbers = [number for (number,) in raw_sql.rows(query, match.parameters)]
        if len(numbers) <= FEW:
            given = {**match.parameters, "numbers": raw_sql.array_of_numbers(numbers)}
            return [
                (number, person, at)
                for number, person, at in raw_sql.rows(
                    f"SELECT u.id, u.subscriber_id, u.joined_at FROM {SUBSCRIPTIONS} u "  # noqa: S608 - our own names
                    f"WHERE {raw_sql.one_of('u.id', 'numbers')} AND {match.theirs}",
                    given,
                )
            ]
    return None


def _drivers(wanted: PeopleFilter) -> list[str]:
    """Return queries for more subscriptions than wanted, each by one index alone."""
    drivers = []
    has_list = wanted.mailing_list or wanted.topic
    one = "list_id = %(list)s" if has_list else f"list_id IN (SELECT id FROM {raw_sql.table(List)})"  # noqa: S608
    if wanted.topic:
        drivers.append(f"SELECT subscription_id FROM {TOPICS_OF} WHERE topic_id = %(topic)s")  # noqa: S608
    if wanted.is_about_days:
        days = "".join(f" AND joined_at {sign} %({name})s" for name, sign, _at in wanted._moments())  # noqa: SLF001
        drivers.append(f"SELECT id FROM {SUBSCRIPTIONS} WHERE {one}{days}")  # noqa: S608
    if wanted.state:
        drivers.append(f"SELECT id FROM {SUBSCRIPTIONS} WHERE {one} AND state = %(state)s")  # noqa: S608
    elif has_list:
        drivers.append(f"SELECT id FROM {SUBSCRIPTIONS} WHERE {one}")  # noqa: S608
    return drivers


def _list_numbers() -> QuerySet[List, int]:
    return List.objects.order_by("slug").values_list("pk", flat=True)[:MOST_LISTS]


def _in_filter(people: QuerySet[Subscriber], wanted: PeopleFilter) -> QuerySet[Subscriber]:
    if not wanted.is_about_subscriptions:
        return people
    theirs = Subscription.objects.filter(subscriber=OuterRef("pk"))
    if wanted.mailing_list:
        theirs = theirs.filter(list=wanted.mailing_list)
    if wanted.state:
        theirs = theirs.filter(state=wanted.state)
    if wanted.topic:
        theirs = theirs.filter(topics=wanted.topic)
    for _name, sign, moment in wanted._moments():  # noqa: SLF001 - of this module
        theirs = theirs.filter(**{f"joined_at__{'gte' if sign == '>=' else 'lt'}": moment})
    return people.filter(Exists(theirs))


def _people_at(numbers: Sequence[int]) -> list[Subscriber]:
    """Return people in the order of these numbers."""
    people = {each.pk: each for each in _with_lists(Subscriber.objects.filter(pk__in=numbers))}
    return [people[number] for number in numbers if number in people]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - below 2**63


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is None or timezone.is_aware(found) else timezone.make_aware(found)


def _as_moment(stored: Any) -> datetime:
    """Return a time as SQLite, which gives texts in UTC, or PostgreSQL gives it to our own queries."""
    if isinstance(stored, datetime):
        return (
            stored
            if timezone.is_aware(stored)
            else timezone.make_aware(stored, timezone.get_fixed_timezone(0))
        )
    return timezone.make_aware(datetime.fromisoformat(stored), timezone.get_fixed_timezone(0))


def _with_lists(people: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    return people.prefetch_related(
        Prefetch("subscriptions", Subscription.objects.select_related("list").order_by("list__name"))
    )


def _page(found: list[Subscriber], cursor: Callable[[Subscriber], str]) -> FoundPeople:
    shown = found[:PEOPLE_PER_PAGE]
    return FoundPeople(shown, cursor(shown[-1]) if len(found) > PEOPLE_PER_PAGE else "")
