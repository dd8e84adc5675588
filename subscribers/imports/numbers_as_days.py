"""Reads numbers as days: as digits of a date, as spreadsheets count days, and as computers count seconds."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from subscribers.imports.periods import FIRST_YEAR, LAST_YEAR, Period, is_year, month_of, year_of

DAY_ZERO_OF_SPREADSHEETS = date(1899, 12, 30)
DAY_ZERO_OF_WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)
# How many digits a count of seconds, milliseconds, microseconds and nanoseconds since 1970 has.
DIVISORS = {9: 1, 10: 1, 12: 1_000, 13: 1_000, 15: 10**6, 16: 10**6, 18: 10**9, 19: 10**9}
LENGTH_ON_WINDOWS = 18
# Nobody writes such numbers for anything else.
CLEAR_FORMS = {8: ("%Y%m%d",), 14: ("%Y%m%d%H%M%S",)}
FORMS = {6: ("%y%m%d", "%d%m%y"), 7: ("%Y%j",), 8: ("%d%m%Y",), 12: ("%Y%m%d%H%M",)}


def periods_of_number(digits: str, *, is_date: bool) -> list[Period]:
    """Return what a whole number could mean. Numbers that can be anything count only if they must be dates."""
    found = list(_written(digits, CLEAR_FORMS))
    if is_date:
        found += [*_written(digits, FORMS), *_counted(digits)]
        if is_year(digits):
            return [year_of(int(digits))]
        if (
            len(digits) == len("201903")
            and is_year(digits[:4])
            and (month := month_of(int(digits[:4]), int(digits[4:])))
        ):
            found.append(month)
    return [each for each in found if FIRST_YEAR <= each.first.year <= LAST_YEAR]


def _written(digits: str, forms: Mapping[int, tuple[str, ...]]) -> Iterator[Period]:
    for form in forms.get(len(digits), ()):
        with suppress(ValueError):
            found = datetime.strptime(digits, form).date()  # noqa: DTZ007 - only its date counts
            yield Period(found, found)


def _counted(digits: str) -> Iterator[Period]:
    with suppress(OverflowError, OSError, ValueError):
        if len(digits) == len("43525"):
            yield _one_day(DAY_ZERO_OF_SPREADSHEETS + timedelta(days=int(digits)))
        if len(digits) == LENGTH_ON_WINDOWS:
            yield _one_day((DAY_ZERO_OF_WINDOWS + timedelta(microseconds=int(digits) // 10)).date())
        if divisor := DIVISORS.get(len(digits)):
            yield _one_day(datetime.fromtimestamp(int(digits) // divisor, UTC).date())


def _one_day(day: date) -> Period:
    return Period(day, day)
