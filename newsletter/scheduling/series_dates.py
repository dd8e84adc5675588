"""The dates of a series: what its rhythm brings, and what was decided about single ones, as one row of dates.

A date is known by its wall time in the rhythm, whatever it was moved to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice, takewhile

from django.db.models import Q

from newsletter.scheduling.models import Occurrence, Series
from newsletter.scheduling.recurrence.expand import Rhythm, occurrences
from newsletter.scheduling.recurrence.local_time import wall_of
from subscribers.text import written_moment

# Where a letter goes at each reader's own time, the first readers are those of Kiritimati.
EARLIEST_ZONE = timedelta(hours=14)
# Sources can be fetched, and a letter be made, before a series that sends by itself must send.
SEND_AHEAD = timedelta(minutes=10)
SHOWN = 5
State = Occurrence.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """One date of a series. `goes_at` is its wall time or the one that it was moved to."""

    wall: str
    goes_at: str
    due_at: datetime
    draft_at: datetime
    state: Occurrence.State = State.PLANNED
    row: Occurrence | None = None

    @property
    def moved(self) -> bool:
        """Whether it goes at another time than the rhythm says."""
        return self.wall != self.goes_at


def rhythm_of(series: Series) -> Rhythm:
    """When a series occurs."""
    return Rhythm(rule=series.rrule, zone=series.zone, at=series.time, starts_on=series.starts_on)


def upcoming(series: Series, *, now: datetime, count: int = SHOWN) -> list[Date]:
    """The next dates, skipped ones too, so that it is seen that they are."""
    return list(islice(dates_of(series, after=now), count))


def open_dates(series: Series, *, now: datetime) -> list[Date]:
    """The dates that should be drafted by now and that nobody drafts, in order."""
    come = takewhile(
        lambda date: _draft_at(series, date.due_at) <= now, dates_of(series, after=series.counts_from)
    )
    return [date for date in come if date.state in {State.PLANNED, State.DRAFTING} and date.draft_at <= now]


def next_look(series: Series) -> datetime | None:
    """When the first date that is still open must be drafted, or, while somebody drafts it, taken up again."""
    moments: list[datetime] = []
    for date in dates_of(series, after=series.counts_from):
        if date.state in {State.PLANNED, State.DRAFTING}:
            moments.append(date.draft_at)
        if date.state == State.PLANNED:
            break
    return min(moments, default=None)


def dates_of(series: Series, *, after: datetime) -> Iterator[Date]:
    """The dates that are due later than an instant, in order."""
    since = written(wall_of(after, rhythm_of(series).tzinfo))
    kept = Occurrence.objects.filter(Q(due_at__gt=after) | Q(wall__gte=since), series_id=series.pk)
    rows = {row.wall: row for row in kept.select_related("issue__publication")}
    known = [_known(series, row) for row in rows.values() if row.due_at > after]
    new = (
        Date(wall=wall, goes_at=wall, due_at=found.at, draft_at=_draft_at(series, found.at))
        for found in occurrences(rhythm_of(series), after=after)
        if (wall := written(found.wall)) not in rows
    )
    return merge(sorted(known, key=_when), new, key=_when)


def written(wall: datetime) -> str:
    """A wall time as it is kept, such as 2026-12-01T07:30."""
    return wall.isoformat(timespec="minutes")


def said(wall: str) -> str:
    """A kept wall time as a person reads it, such as Tuesday 1 December 2026, 07:30."""
    moment = datetime.fromisoformat(wall)
    return f"{moment:%A} {written_moment(moment)}"


def _draft_at(series: Series, due_at: datetime) -> datetime:
    """When the issue of a date is drafted: as long before it goes to its first reader as the mode says."""
    ahead = timedelta()
    if series.mode == Series.Mode.APPROVE:
        ahead = timedelta(minutes=series.draft_ahead_minutes)
    elif series.mode == Series.Mode.SEND:
        ahead = SEND_AHEAD
    if series.readers_time:
        ahead += due_at - (wall_of(due_at, rhythm_of(series).tzinfo).replace(tzinfo=UTC) - EARLIEST_ZONE)
    return due_at - ahead


def _known(series: Series, row: Occurrence) -> Date:
    drafting = row.state == State.DRAFTING and row.lease_until
    return Date(
        wall=row.wall,
        goes_at=row.moved_to or row.wall,
        due_at=row.due_at,
        draft_at=row.lease_until if drafting and row.lease_until else _draft_at(series, row.due_at),
        state=State(row.state),
        row=row,
    )


def _when(date: Date) -> datetime:
    return date.due_at
