"""Working days of a part of the United Kingdom: Monday to Friday without its public holidays."""

from datetime import date, timedelta
from functools import lru_cache
from itertools import count

from newsletter.issues.models import Nation

SUBDIVISIONS = {
    Nation.ENGLAND: "ENG",
    Nation.WALES: "WLS",
    Nation.SCOTLAND: "SCT",
    Nation.NORTHERN_IRELAND: "NIR",
}
DAY = timedelta(days=1)
SATURDAY = 5


def is_working_day(day: date, nation: str) -> bool:
    """Return whether people work on this day there."""
    return day.weekday() < SATURDAY and day not in _holidays(nation, day.year)


def working_day_after(day: date, how_many: int, nation: str) -> date:
    """Return the working day that is this many after a day, which itself does not count."""
    found = 0
    for days in count(1):
        later = day + days * DAY
        found += is_working_day(later, nation)
        if found >= how_many:
            return later
    raise AssertionError  # count() does not end


def working_days_between(first: date, last: date, nation: str) -> int:
    """Return how many working days there are after the first day, up to and including the last."""
    return sum(is_working_day(first + days * DAY, nation) for days in range(1, (last - first).days + 1))


def last_working_day_by(day: date, nation: str) -> date:
    """Return the day itself, or the last working day before it if nobody works on it."""
    while not is_working_day(day, nation):
        day -= DAY
    return day


@lru_cache(maxsize=128)
def _holidays(nation: str, year: int) -> frozenset[date]:
    # It takes a tenth of a second to import, and most commands never ask for a holiday.
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv=SUBDIVISIONS[Nation(nation)], years=year))
