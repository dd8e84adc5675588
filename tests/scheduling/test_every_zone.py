"""In every zone of the tz database, for ten years, no occurrence is skipped or doubled, whatever the clocks do.

The ordinary run takes every manner in which zones change their clocks, once; NEWSLETTER_TESTS_FULL=1 takes every zone,
and a share of the full run takes that share of the other zones.
"""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from newsletter.scheduling.recurrence.expand_recurrence import Recurrence, occurrences
from tests.full import is_chosen
from tests.scheduling.utc_offsets import expected, stretches

START, END = datetime(2026, 12, 1, tzinfo=UTC), datetime(2036, 12, 31, tzinfo=UTC)
MARGIN = timedelta(days=3)
FIRST, LAST = date(2026, 12, 2), date(2036, 12, 25)
TIMES = [time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(7, 30)]
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
RULES = {
    "FREQ=DAILY": DAYS,
    "FREQ=WEEKLY;BYDAY=SU": [day for day in DAYS if day.weekday() == 6],
    "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1": [
        day for day in DAYS if (day + timedelta(days=1)).month != day.month
    ],
    "FREQ=MONTHLY;BYDAY=-1SU": [
        day for day in DAYS if day.weekday() == 6 and (day + timedelta(days=7)).month != day.month
    ],
}


@cache
def zones():
    """One zone for each manner of changing the clocks and what a full run adds, with their stretches of one offset."""
    manners = {}
    for name in sorted(zoneinfo.available_timezones()):
        of = stretches(ZoneInfo(name), START - MARGIN, END + MARGIN)
        manners.setdefault(name if is_chosen(name) else manner(of), (name, of))
    return list(manners.values())


def manner(of):
    """When in the year, at which wall time and by how much the clocks change; the year is left out."""
    changes = pairwise(of)
    return frozenset(
        ((before.end + before.offset).strftime("%m %H:%M"), after.offset - before.offset)
        for before, after in changes
    )


@pytest.mark.parametrize("at", TIMES, ids=str)
@pytest.mark.parametrize("rule", RULES)
def test_each_occurrence_is_the_wall_time_asked_for_or_the_first_minute_after_a_gap(rule, at):
    local_times = [datetime.combine(day, at) for day in RULES[rule]]
    for name, of in zones():
        recurrence = Recurrence(rule=f"{rule};UNTIL={LAST:%Y%m%d}", zone=name, at=at, starts_on=FIRST)
        found = list(occurrences(recurrence, after=START - MARGIN))
        assert [each.local_time for each in found] == local_times, name
        assert [each.at for each in found] == [expected(local_time, of) for local_time in local_times], name
        assert all(one.at < other.at for one, other in pairwise(found)), name


def test_there_are_zones_with_gaps_at_midnight_with_half_hours_and_without_changes():
    assert len(zones()) > 15
    gaps = {
        (after.start + before.offset).strftime("%H:%M")
        for _, of in zones()
        for before, after in pairwise(of)
        if after.offset > before.offset
    }
    assert {"00:00", "01:00", "02:00", "23:00"} <= gaps
