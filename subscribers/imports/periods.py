"""Periods of days: a day, a week, a month, a quarter, half a year or a year, if it is one in which people can have
joined.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1990, 2100
FIRST_SHORT_YEAR = 90
MONTHS = 12


class Period(NamedTuple):
    """A period from its first to its last day."""

    first: date
    last: date


def is_year(text: str) -> bool:
    """Return whether a text is a year with four digits."""
    return len(text) == len("2019") and text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR


def short_year(text: str) -> int:
    """Return the year of two digits: those from 90 are in the last century."""
    return int(text) + (1900 if int(text) >= FIRST_SHORT_YEAR else 2000)


def day_of(year: int, month: int, day: int) -> Period | None:
    """Return a day, or None if it does not exist."""
    if not _is_known(year) or not 1 <= month <= MONTHS or not 1 <= day <= monthrange(year, month)[1]:
        return None
    found = date(year, month, day)
    return Period(found, found)


def month_of(year: int, month: int) -> Period | None:
    """Return a month of a year."""
    return months_of(year, month, 1) if 1 <= month <= MONTHS else None


def quarter_of(year: int, number: int) -> Period | None:
    """Return a quarter of a year."""
    return months_of(year, number * 3 - 2, 3) if 1 <= number <= 4 else None  # noqa: PLR2004 - quarters


def half_of(year: int, number: int) -> Period | None:
    """Return half a year."""
    return months_of(year, number * 6 - 5, 6) if number in {1, 2} else None


def months_of(year: int, first: int, count: int) -> Period | None:
    """Return some months of a year."""
    if not _is_known(year):
        return None
    last = first + count - 1
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def week_of(year: int, number: int) -> Period | None:
    """Return a week of a year (ISO 8601)."""
    if not _is_known(year):
        return None
    try:
        first = date.fromisocalendar(year, number, 1)
    except ValueError:
        return None
    return Period(first, first + timedelta(days=6))


def year_of(year: int) -> Period:
    """Return a year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def _is_known(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR
