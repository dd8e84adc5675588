"""The subscriptions that a filter of people lets through, newest or latest first, by what an index can answer.

Each is a row: the number of the subscription, the number of the person, and when they joined.
"""

from datetime import datetime
from itertools import product
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from subscribers import raw_sql
from subscribers.models import List, Subscription
from subscribers.people_filter import TOPICS_OF, PeopleFilter
from subscribers.whole_numbers import whole_number

# SQLite allows 500 parts of one query.
MOST_LISTS = 150
# Up to this many subscriptions are looked at one by one.
FEW = 3_000
SUBSCRIPTIONS = raw_sql.table(Subscription)
Row = tuple[int, int, Any]


def newest_subscriptions(wanted: PeopleFilter, *, before: int, most: int) -> list[Row]:
    """Return the newest subscriptions whose number is below `before`: at least the first `most` of them."""
    few = few_subscriptions(wanted)
    if few is None:
        return _first(wanted, "u.id < %(before)s", "u.id DESC", {"before": before}, most=most)
    return sorted((row for row in few if row[0] < before), reverse=True)


def latest_joined(wanted: PeopleFilter, *, after: str, most: int) -> list[Row]:
    """Return the subscriptions that were joined latest, after a cursor: at least the first `most` of them."""
    at, _sign, number = after.partition("~")
    few = few_subscriptions(wanted)
    if few is not None:
        rows = sorted(few, key=_day_of_joining, reverse=True)
        if (moment := _moment(at)) and is_number(number):
            rows = [row for row in rows if _day_of_joining(row) < (moment, int(number))]
        return rows
    cursor, parameters = "1 = 1", dict[str, Any]()
    if (moment := _moment(at)) and is_number(number):
        cursor = "(u.joined_at, u.id) < (%(at)s, %(before)s)"
        parameters = {"at": raw_sql.moment(moment), "before": int(number)}
    return _first(wanted, cursor, "u.joined_at DESC, u.id DESC", parameters, most=most)


def cursor_of_days(row: Row) -> str:
    """Return the cursor of `latest_joined` for what comes after this row."""
    return f"{_as_moment(row[2]).isoformat()}~{row[0]}"


def is_number(text: str) -> bool:
    """Return whether a cursor is the number of a row."""
    return whole_number(text) is not None


def few_subscriptions(wanted: PeopleFilter) -> list[Row] | None:
    """Return all subscriptions that the filter lets through, or None unless an index says that they are few."""
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


def _first(
    wanted: PeopleFilter, cursor: str, order: str, parameters: dict[str, Any], *, most: int
) -> list[Row]:
    """Return the first subscriptions in an order.

    No index has the subscriptions of several lists or states in order, so the first of each are put together.
    """
    match = wanted.match()
    lists = [match.parameters["list"]] if "list" in match.parameters else list(_list_numbers())
    states = [wanted.state] if wanted.state or wanted.is_about_days else Subscription.State.values
    given: dict[str, Any] = {**match.parameters, **parameters, "most": most}
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


def _drivers(wanted: PeopleFilter) -> list[str]:
    """Return queries for more subscriptions than wanted, each by one index alone."""
    drivers = []
    has_list = wanted.mailing_list or wanted.topic
    one = "list_id = %(list)s" if has_list else f"list_id IN (SELECT id FROM {raw_sql.table(List)})"  # noqa: S608
    if wanted.topic:
        drivers.append(f"SELECT subscription_id FROM {TOPICS_OF} WHERE topic_id = %(topic)s")  # noqa: S608
    if wanted.is_about_days:
        days = "".join(f" AND joined_at {sign} %({name})s" for name, sign, _at in wanted.moments())
        drivers.append(f"SELECT id FROM {SUBSCRIPTIONS} WHERE {one}{days}")  # noqa: S608
    if wanted.state:
        drivers.append(f"SELECT id FROM {SUBSCRIPTIONS} WHERE {one} AND state = %(state)s")  # noqa: S608
    elif has_list:
        drivers.append(f"SELECT id FROM {SUBSCRIPTIONS} WHERE {one}")  # noqa: S608
    return drivers


def _list_numbers() -> QuerySet[List, int]:
    return List.objects.order_by("slug").values_list("pk", flat=True)[:MOST_LISTS]


def _day_of_joining(row: tuple[Any, ...]) -> tuple[datetime, int]:
    return _as_moment(row[2]), row[0]


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
