"""What a zone does to its clocks, found by walking through UTC minute by minute: a reference that knows no `fold`."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)
STEP = timedelta(days=5)  # no zone changes its clocks twice within less than weeks
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """A run of UTC minutes with one offset: from `start` on, before `end`."""

    start: datetime
    end: datetime
    offset: timedelta


def stretches(zone, start, end):
    """The zone's time between two instants, as stretches of one offset, exact to the minute."""
    found, at = [], start
    while at < end:
        offset = _offset(at, zone)
        following = at
        while following < end and _offset(following, zone) == offset:
            following = min(following + STEP, end)
        if following < end or _offset(end - MINUTE, zone) != offset:
            minutes = range(int(STEP / MINUTE) + 1)
            back = following - STEP
            step = bisect_left(minutes, True, key=lambda n: _offset(back + n * MINUTE, zone) != offset)
            following = back + step * MINUTE
        found.append(Stretch(at, following, offset))
        at = following
    return tuple(found)


def expected(local_time, of):
    """The first UTC minute at which the wall shows this, else the first minute after the gap that it falls into."""
    utc = local_time.replace(tzinfo=UTC)
    first = bisect_left(of, utc - DAY, key=lambda each: each.end)
    near = of[first : first + 2]
    shown = [utc - each.offset for each in near if each.start <= utc - each.offset < each.end]
    return min(shown) if shown else min(each.start for each in near if each.start + each.offset > utc)


def _offset(at, zone):
    return at.astimezone(zone).utcoffset()
