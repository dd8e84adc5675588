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
from newsletter.scheduling.recurrence.expand_recurrence import Recurrence, occurrences
from newsletter.scheduling.recurrence.local_time import to_local
from subscribers.text import written_moment

# Where a letter goes at each reader's own time, the first readers are those of Kiritimati.
EARLIEST_ZONE = timedelta(hours=14)
# Sources can be fetched, and a letter be made, before a series that sends by itself must send.
SEND_AHEAD = timedelta(minutes=10)
SHOWN = 5
State = Occurrence.State


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDate:
    """One date of a series. `goes_at` is its wall time or the one that it was moved to."""

    local_time: str
    goes_at: str
    due_at: datetime
    draft_at: datetime
    state: Occurrence.State = State.PLANNED
    row: Occurrence | None = None

    @property
    def moved(self) -> bool:
        """Whether it goes at another time than the rhythm says."""
        return self.local_time != self.goes_at


def recurrence_of(series: Series) -> Recurrence:
    """When a series occurs."""
    return Recurrence(rule=series.rrule, zone=series.zone, at=series.time, starts_on=series.starts_on)


def upcoming(series: Series, *, now: datetime, count: int = SHOWN) -> list[SeriesDate]:
    """The next dates, skipped ones too, so that it is seen that they are."""
    return list(islice(dates_after(series, after=now), count))


def open_dates(series: Series, *, now: datetime) -> list[SeriesDate]:
    """The dates that should be drafted by now and that nobody drafts, in order."""
    come = takewhile(
        lambda date: _draft_at(series, date.due_at) <= now, dates_after(series, after=series.counts_from)
    )
    return [date for date in come if date.state in {State.PLANNED, State.DRAFTING} and date.draft_at <= now]


def next_check(series: Series) -> datetime | None:
    """When the first date that is still open must be drafted, or, while somebody drafts it, taken up again."""
    moments: list[datetime] = []
    for date in dates_after(series, after=series.counts_from):
        if date.state in {State.PLANNED, State.DRAFTING}:
            moments.append(date.draft_at)
        if date.state == State.PLANNED:
            break
    return min(moments, default=None)


def dates_after(series: Series, *, after: datetime) -> Iterator[SeriesDate]:
    """The dates that are due later than an instant, in order."""
    since = stored_local_time(to_local(after, recurrence_of(series).tzinfo))
    kept = Occurrence.objects.filter(Q(due_at__gt=after) | Q(local_time__gte=since), series_id=series.pk)
    rows = {row.local_time: row for row in kept.select_related("issue__publication")}
    known = [_known(series, row) for row in rows.values() if row.due_at > after]
    new = (
        SeriesDate(
            local_time=local_time, goes_at=local_time, due_at=found.at, draft_at=_draft_at(series, found.at)
        )
        for found in occurrences(recurrence_of(series), after=after)
        if (local_time := stored_local_time(found.local_time)) not in rows
    )
    return merge(sorted(known, key=_when), new, key=_when)


def stored_local_time(local_time: datetime) -> str:
    """A wall time as it is kept, such as 2026-12-01T07:30."""
    return local_time.isoformat(timespec="minutes")


def describe_local_time(local_time: str) -> str:
    """A kept wall time as a person reads it, such as Tuesday 1 December 2026, 07:30."""
    moment = datetime.fromisoformat(local_time)
    return f"{moment:%A} {written_moment(moment)}"


def _draft_at(series: Series, due_at: datetime) -> datetime:
    """When the issue of a date is drafted: as long before it goes to its first reader as the mode says."""
    ahead = timedelta()
    if series.mode == Series.Mode.APPROVE:
        ahead = timedelta(minutes=series.draft_ahead_minutes)
    elif series.mode == Series.Mode.SEND:
        ahead = SEND_AHEAD
    if series.readers_time:
        ahead += due_at - (to_local(due_at, recurrence_of(series).tzinfo).replace(tzinfo=UTC) - EARLIEST_ZONE)
    return due_at - ahead


def _known(series: Series, row: Occurrence) -> SeriesDate:
    drafting = row.state == State.DRAFTING and row.lease_until
    return SeriesDate(
        local_time=row.local_time,
        goes_at=row.moved_to or row.local_time,
        due_at=row.due_at,
        draft_at=row.lease_until if drafting and row.lease_until else _draft_at(series, row.due_at),
        state=State(row.state),
        row=row,
    )


def _when(date: SeriesDate) -> datetime:
    return date.due_at
