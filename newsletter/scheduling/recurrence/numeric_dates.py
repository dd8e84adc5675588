"""Reads days in numbers alone, such as `25/12/2026`, where they can mean one day only; else it says both and asks."""

import re
from datetime import date

from newsletter.errors import Invalid
from subscribers.phrases import written_day


class AmbiguousDate(Invalid):
    """Numbers that can mean two days, or a year of two figures. `days` are the days that may be meant."""

    def __init__(self, sentence: str, days: tuple[date, ...]) -> None:
        super().__init__(sentence)
        self.days = days


_NUMBERED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}|\d{2})?)?")


def parse_numeric_date(plain: str, *, today: date) -> date | None:
    """The day, without a year the next to come, or None for text of another form.

    Raises AmbiguousDate when the day may stand first or second, as in 1/12/2026, and for a year of two figures.
    """
    found = _NUMBERED.fullmatch(plain)
    if not found:
        return None
    year = found[4] or ""
    readings = _readings(int(found[1]), int(found[3]), _year(year), today)
    if not readings:
        raise Invalid(f"“{plain}” is not a real date. Try “2026-12-01” or “1 December 2026”.")
    if len(readings) > 1 or len(year) == 2:  # noqa: PLR2004 - figures
        named = " or ".join(written_day(day) for day in readings)
        written = " or ".join(f"“{day}”" for day in readings)
        raise AmbiguousDate(f"“{plain}” can mean {named}. Enter {written} instead.", tuple(readings))
    return readings[0]


def _year(text: str) -> int | None:
    return int(text) + (2000 if len(text) == 2 else 0) if text else None  # noqa: PLR2004 - figures


def _readings(first: int, second: int, year: int | None, today: date) -> list[date]:
    """The days that two numbers can mean, the day before the month first."""
    found = []
    for day, month in ((first, second), (second, first)):
        years = (year,) if year is not None else (today.year, today.year + 1)
        days = [each for each in (_date_of(one, month, day) for one in years) if each is not None]
        coming = [each for each in days if year is not None or each >= today]
        found += coming[:1]
    return list(dict.fromkeys(found))


def _date_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
