"""Times as people write them: `2026-12-01 07:30`, `tomorrow 6pm`, `next Friday 07:30`, `in 2 hours`, `1 May at 9am`.

What cannot be read is refused with an example, and nothing is guessed: a time of day needs its day, a day its time,
and `1/12/2026` may be in December or in January.
"""

import calendar
import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from newsletter.errors import Invalid
from newsletter.scheduling.recurrence.local_time import FIRST_YEAR, LAST_YEAR, Side, to_local, to_utc_exactly
from newsletter.scheduling.recurrence.numeric_dates import AmbiguousDate, parse_numeric_date
from newsletter.scheduling.recurrence.times_from_now import parse_relative_time

LONGEST = 200
NOON = 12
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
WEEKDAYS |= {name[:3]: number for name, number in WEEKDAYS.items()} | {"tues": 1, "thur": 3, "thurs": 3}

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d)(?::00)?)?\s*([ap]\.?m\.?)?")
_MOMENT = re.compile(
    r"(?P<day>.+?)(?:,|t(?=\d)|\s)\s*(?:at\s+)?"
    r"(?P<clock>noon|midnight|\d{1,2}[:.]\d\d(?::00(?:\.0+)?)?(?:\s*[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?)"
    r"\s*(?P<mark>z|[+-]\d\d(?::?\d\d)?|[a-z]{2,5})?"
)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]+)(?:,? (\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?")
_OFFSET_ZERO = {"z", "utc", "gmt"}


# What somebody may mean who writes a day alone.
USUAL_TIMES = ("07:30", "09:00", "12:00", "17:00")


class UnclearTime(Invalid):
    """A day without a time of day, or a date that can mean two days. `choices` are what to write instead, if any."""

    def __init__(self, sentence: str, choices: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.choices = choices


def parse_moment(text: str, zone: ZoneInfo, *, now: datetime, choice: Side = "") -> datetime:
    """The instant that a person means, in UTC; without an offset, by a clock in the zone.

    Raises UnclearTime for a day alone, or one that can mean two days. Raises Invalid, or AmbiguousTime for a local time
    that comes twice or never, unless `choice` says which.
    """
    plain = " ".join(text.lower().split())
    if len(plain) <= LONGEST and (later := parse_relative_time(plain, zone, now=now, choice=choice)):
        return later
    found = _MOMENT.fullmatch(plain) if len(plain) <= LONGEST else None
    if not found:
        raise _why_not_read(text.strip(), plain, zone, now)
    clock = parse_time_of_day(re.sub(r":00\.0+", ":00", found["clock"]))
    today = to_local(now, zone).date()
    try:
        day = parse_day(found["day"], today=today)
    except AmbiguousDate as error:
        choices = [f"{each} {clock:%H:%M}" for each in error.days]
        raise UnclearTime(str(error), _to_come(choices, zone, now)) from None
    local_time = datetime.combine(day, clock)
    at = (
        _marked(local_time, found["mark"], zone)
        if found["mark"]
        else to_utc_exactly(local_time, zone, choice=choice)
    )
    if at <= now and _weekday(found["day"]) is not None:
        return parse_moment(f"{local_time.date() + WEEK} {clock:%H:%M}", zone, now=now, choice=choice)
    return at


def _why_not_read(text: str, plain: str, zone: ZoneInfo, now: datetime) -> Invalid:
    """What is missing, where one half can be read: a day without a time, or a time without a day."""
    if len(plain) <= LONGEST:
        with suppress(Invalid):
            parse_time_of_day(plain)
            return Invalid(f"“{text}” does not include a day. Try “tomorrow 07:30”.")
        with suppress(Invalid):
            return _day_alone(text, plain, zone, now)
    return Invalid(f"We could not read “{text[:80]}” as a date and time. Try “tomorrow 07:30”.")


def _day_alone(text: str, plain: str, zone: ZoneInfo, now: datetime) -> UnclearTime:
    try:
        parse_day(plain, today=to_local(now, zone).date())
    except AmbiguousDate as error:
        choices = [f"{day} {each}" for day in error.days for each in USUAL_TIMES]
        return UnclearTime(f"{error} Add a time of day, such as 07:30.", _to_come(choices, zone, now))
    choices = [f"{plain} {each}" for each in USUAL_TIMES]
    sentence = f"“{text}” does not include a time of day. Try “{text} 07:30”."
    return UnclearTime(sentence, _to_come(choices, zone, now))


def _to_come(choices: list[str], zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    """The choices that are still to come, because nothing can be sent in the past."""
    return tuple(each for each in choices if parse_moment(each, zone, now=now, choice="earlier") > now)


def parse_time_of_day(text: str) -> time:
    """A time of day: 07:30, 7.30, 6pm, 9, noon. Raises Invalid."""
    plain = text.strip().lower()
    if plain in {"noon", "midnight"}:
        return time(NOON if plain == "noon" else 0)
    found = _CLOCK.fullmatch(plain)
    hour, minute, half = (int(found[1]), int(found[2] or 0), found[3]) if found else (24, 0, None)
    if half:
        hour = hour % NOON + (NOON if half.startswith("p") else 0) if 1 <= hour <= NOON else 24
    try:
        return time(hour, minute)
    except ValueError:
        raise Invalid(f"We could not read “{text[:40]}” as a time of day. Try “07:30” or “6pm”.") from None


def parse_day(text: str, *, today: date) -> date:
    """A day: 2026-12-01, 1 December 2026, 25/12/2026, today, tomorrow, Friday. Without a year, the next to come.

    “next Friday” is the next Friday after today. Raises Invalid, also for numbers that name two days.
    """
    plain = text.strip().lower()
    if plain in {"today", "tomorrow"}:
        return today + (DAY if plain == "tomorrow" else timedelta())
    weekday = _weekday(plain)
    if weekday is not None:
        days = (weekday - today.weekday()) % 7
        return today + (WEEK if not days and "next " in plain else timedelta(days=days))
    if found := _ISO_DAY.fullmatch(plain):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if (found := _DAY_MONTH.fullmatch(plain)) and found[2] in MONTHS:
        return _in_words(int(found[1]), MONTHS[found[2]], found[3], today)
    if (found := _MONTH_DAY.fullmatch(plain)) and found[1] in MONTHS:
        return _in_words(int(found[2]), MONTHS[found[1]], found[3], today)
    if numbered := parse_numeric_date(plain, today=today):
        return _date(numbered.year, numbered.month, numbered.day)
    raise Invalid(f"We could not read “{text[:40]}” as a day. Try “1 December” or “2026-12-01”.")


def _weekday(text: str) -> int | None:
    return WEEKDAYS.get(text.strip().removeprefix("on ").removeprefix("next "))


def _in_words(day: int, month: int, year: str | None, today: date) -> date:
    if year:
        return _date(int(year), month, day)
    this_year = _date(today.year, month, day)
    return this_year if this_year >= today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(f"Enter a year from {FIRST_YEAR} to {LAST_YEAR}, not {year}.")
    try:
        return date(year, month, day)
    except ValueError:
        raise Invalid(f"{year}-{month:02}-{day:02} is not a real date.") from None


def _marked(local_time: datetime, mark: str, zone: ZoneInfo) -> datetime:
    """A local time with its offset: a number, UTC, or a name that the zone uses at that time, such as BST."""
    if mark in _OFFSET_ZERO:
        return local_time.replace(tzinfo=UTC)
    if mark[0] in "+-":
        return local_time.replace(tzinfo=_offset(mark)).astimezone(UTC)
    for fold in (0, 1):
        local = local_time.replace(tzinfo=zone, fold=fold)
        if (local.tzname() or "").lower() == mark:
            at = local.astimezone(UTC)
            if to_local(at, zone) == local_time:
                return at
    raise Invalid(
        f"{local_time:%Y-%m-%d %H:%M} is not {mark.upper()} in {zone.key}. Leave {mark.upper()} out."
    )


def _offset(mark: str) -> timezone:
    away = timedelta(hours=int(mark[1:3]), minutes=int(mark[3:].lstrip(":") or 0))
    if away >= DAY:
        raise Invalid(f"{mark} is not a UTC offset. Enter an offset such as +01:00.")
    return timezone(-away if mark[0] == "-" else away)
