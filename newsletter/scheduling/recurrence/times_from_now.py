"""Reads times that are counted from now: `in 1 minute`, `in 2 hours`, `in 3 days`, `in a week`."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.errors import Invalid
from newsletter.scheduling.recurrence.local_time import LAST_YEAR, Side, to_local, to_utc_exactly

MINUTE = timedelta(minutes=1)
UNITS = {"min": MINUTE, "hour": 60 * MINUTE, "day": timedelta(days=1), "week": timedelta(days=7)}

_SPAN = re.compile(
    r"in (?P<number>an?|one|half an(?= hour)|\d{1,5}) ?(?P<unit>minute|min|hour|hr|h|day|week)s?(?: from now)?"
)
_NAMES = {"minute": "min", "hr": "hour", "h": "hour"}
_NUMBERS = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5}


def parse_relative_time(plain: str, zone: ZoneInfo, *, now: datetime, choice: Side = "") -> datetime | None:
    """The instant, in UTC and a whole minute, or None for text that is not a span. `plain` is in lower case.

    Days and weeks are counted by the calendar of the zone, so that the clock there shows the same time; raises Unclear
    where that comes twice or never. Raises Invalid for what is too far away.
    """
    found = _SPAN.fullmatch(plain)
    if not found:
        return None
    unit = _NAMES.get(found["unit"], found["unit"])
    number = _NUMBERS.get(found["number"]) or float(found["number"])
    away = number * UNITS[unit]
    if (now + away).year > LAST_YEAR:
        raise Invalid(f"“{plain}” is too far in the future. Choose a time up to the year {LAST_YEAR}.")
    if unit in {"day", "week"}:
        return to_utc_exactly(_whole_minute(to_local(now, zone) + away), zone, choice=choice)
    return _whole_minute(now + away).astimezone(UTC)


def _whole_minute(at: datetime) -> datetime:
    """The next whole minute, so that “in 1 minute” is never less than a minute away."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + MINUTE
