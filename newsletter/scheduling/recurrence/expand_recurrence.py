"""A recurrence in a time zone, and when it occurs: the local times that were asked for, and the times in UTC.

No clock change skips or doubles an occurrence. Each is at its local time or, if the clocks leave that out, in the first
minute after, and no two are at the same time in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Literal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from newsletter.errors import Invalid
from newsletter.issues.validators import validate_zone, zone_in_any_case
from newsletter.scheduling.recurrence.local_time import FIRST_YEAR, LAST_YEAR, to_local, to_utc
from newsletter.scheduling.recurrence.rrule import Rule, parse_rule

SEARCH_LIMIT = timedelta(days=3_653)
# Local time and UTC differ by less than a day, and a zone may have left out a day in between.
NEAR = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """An RRULE in local time of an IANA zone, at one time of day, from a first day on. Raises Invalid.

    `rule` is kept in one spelling. What the rule leaves to its first day is written out.
    """

    rule: str
    zone: str
    at: time
    starts_on: date

    def __post_init__(self) -> None:
        """Check every value, so that a recurrence that exists also occurs."""
        object.__setattr__(self, "zone", find_zone(self.zone).key)
        if self.at.tzinfo or self.at.second or self.at.microsecond:
            raise Invalid("Enter the time of day as hours and minutes, such as 07:30.")
        if not FIRST_YEAR < self.starts_on.year < LAST_YEAR:
            raise Invalid(
                f"The first day must be between {FIRST_YEAR} and {LAST_YEAR}, not in {self.starts_on.year}."
            )
        rule = parse_rule(self.rule, starts_on=self.starts_on)
        object.__setattr__(self, "rule", str(replace(rule, until=_last_day(rule.until, self.at))))
        first = next(_occurrences(self), None)
        if first is None or first.local_time.date() > self.starts_on + SEARCH_LIMIT:
            raise Invalid(
                f"The rule {self.rule} does not produce any dates in the 10 years after {self.starts_on}. "
                "Change the rule or the first day."
            )

    @property
    def parts(self) -> Rule:
        """The rule as a value."""
        return parse_rule(self.rule, starts_on=self.starts_on)

    @property
    def tzinfo(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class OccurrenceTime:
    """One occurrence: the `local_time` that was asked for, without a zone, and the time in UTC, `at`."""

    local_time: datetime
    at: datetime


def find_zone(name: str) -> ZoneInfo:
    """Return the zone of a name such as Europe/London, in any capitals. Raises Invalid."""
    name = zone_in_any_case(name) or name
    try:
        validate_zone(name)
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error
    return ZoneInfo(name)


def occurrences(recurrence: Recurrence, *, after: datetime) -> Iterator[OccurrenceTime]:
    """Return the occurrences after a time, in order, until the rule or the calendar ends."""
    return (found for found in _occurrences(recurrence, after=after) if found.at > after)


def local_times_of(recurrence: Recurrence) -> Iterator[datetime]:
    """Return the local times that the rule asks for, in order, whether or not the zone has them."""
    from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

    frequencies: dict[str, Literal[0, 1, 2, 3]] = {
        "DAILY": DAILY,
        "WEEKLY": WEEKLY,
        "MONTHLY": MONTHLY,
        "YEARLY": YEARLY,
    }
    rule = recurrence.parts
    found = rrule(
        frequencies[rule.frequency],
        dtstart=datetime.combine(recurrence.starts_on, recurrence.at),
        interval=rule.interval,
        count=rule.count,
        bymonth=rule.months or None,
        bymonthday=rule.month_days or None,
        byweekday=[weekday(day, which or None) for which, day in rule.days] or None,
        bysetpos=rule.positions or None,
        wkst=rule.week_start,
    )
    return takewhile(lambda local_time: local_time.year <= LAST_YEAR, found)


def _occurrences(recurrence: Recurrence, *, after: datetime | None = None) -> Iterator[OccurrenceTime]:
    zone, until = recurrence.tzinfo, recurrence.parts.until
    since = to_local(after, zone) - NEAR if after else None
    local_times = (
        local_time for local_time in local_times_of(recurrence) if since is None or local_time >= since
    )
    found = (OccurrenceTime(local_time, to_utc(local_time, zone)) for local_time in local_times)
    held: OccurrenceTime | None = None
    for occurrence in found:
        # If a zone left out a whole day, the only time for that day's occurrence is that of the next day.
        if held is not None and held.at < occurrence.at:
            yield held
        if until and _is_over(occurrence, until):
            return
        held = None if to_local(occurrence.at, zone).date() == occurrence.local_time.date() else occurrence
        if held is None:
            yield occurrence
    if held is not None:
        yield held


def _last_day(until: date | datetime | None, at: time) -> date | datetime | None:
    """The last day on which an occurrence at this time of day is not later than a local time; an instant as it is."""
    if not isinstance(until, datetime) or until.tzinfo:
        return until
    return until.date() if at <= until.time() else until.date() - timedelta(days=1)


def _is_over(occurrence: OccurrenceTime, until: date | datetime) -> bool:
    return occurrence.at > until if isinstance(until, datetime) else occurrence.local_time.date() > until
