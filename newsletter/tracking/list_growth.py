"""How many people subscribed and unsubscribed in each of the last twelve months, as rows and as a JSON object."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from subscribers.list_growth_by_period import growth, totals
from subscribers.models import List, Subscription

MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthOfList:
    """How many subscribed and unsubscribed in the month from `start`, and how many were subscribed at its end."""

    start: date
    joined: int
    left: int
    active: int


def count_growth(mailing_list: List, now: datetime) -> list[MonthOfList]:
    """Count the movements of a list in the last twelve months, oldest first. Months begin in the current time zone."""
    active = Subscription.objects.filter(list=mailing_list, state=Subscription.State.ACTIVE).count()
    rows = {each.start: each for each in totals(growth(mailing_list, _begin(now)))}
    found: list[MonthOfList] = []
    for start in _months(now):
        row = rows.get(start)
        joined, left = (row.joined, row.left) if row else (0, 0)
        found.append(MonthOfList(start, joined, left, active))
        active -= joined - left
    return found[::-1]


def growth_to_json(months: list[MonthOfList]) -> dict[str, Any]:
    """Return the months as a JSON object. `growth_from_json` turns them back."""
    return {"months": [[each.start.isoformat(), each.joined, each.left, each.active] for each in months]}


def growth_from_json(document: dict[str, Any]) -> list[MonthOfList]:
    """Return the months for a JSON object of `growth_to_json`."""
    return [MonthOfList(date.fromisoformat(start), *counts) for start, *counts in document["months"]]


def _months(now: datetime) -> list[date]:
    """Return the first days of the last twelve months, the newest first."""
    today = timezone.localdate(now)
    numbers = range(today.year * 12 + today.month - 1, today.year * 12 + today.month - 1 - MONTHS, -1)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _begin(now: datetime) -> datetime:
    first = _months(now)[-1]
    return timezone.make_aware(datetime(first.year, first.month, first.day))  # noqa: DTZ001 - made aware here
