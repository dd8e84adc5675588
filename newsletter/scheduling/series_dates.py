"""The dates of a series: those of its recurrence, merged with decisions about single dates.

A date is identified by its original local time, even if it was moved.
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
from subscribers.phrases import written_moment

# When an issue is sent at each reader's own time, readers in Kiritimati get it first.
EARLIEST_ZONE = timedelta(hours=14)
# Enough time to fetch the sources and render the email before a series that sends automatically has to send.
SEND_AHEAD = timedelta(minutes=10)
SHOWN = 5
State = Occurrence.State


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDate:
    """One date of a series. `send_at` is its local time, or the local time to which it was moved."""

    local_time: str
    send_at: str
    due_at: datetime
    draft_at: datetime
    state: Occurrence.State = State.PLANNED
    row: Occurrence | None = None

    @property
    def moved(self) -> bool:
        """Return whether the date was moved."""
        return self.local_time != self.send_at


def recurrence_of(series: Series) -> Recurrence:
    """Return the recurrence of a series."""
    return Recurrence(rule=series.rrule, zone=series.zone, at=series.time, starts_on=series.starts_on)


def upcoming(series: Series, *, now: datetime, count: int = SHOWN) -> list[SeriesDate]:
    """Return the next dates, including skipped dates, so that people can see that they are skipped."""
    return list(islice(dates_after(series, after=now), count))


def open_dates(series: Series, *, now: datetime) -> list[SeriesDate]:
    """Return the dates that should be drafted by now and that no process is drafting, in order."""
    come = takewhile(
        lambda date: _draft_at(series, date.due_at) <= now, dates_after(series, after=series.counts_from)
    )
    return [date for date in come if date.state in {State.PLANNED, State.DRAFTING} and date.draft_at <= now]


def next_check(series: Series) -> datetime | None:
    """Return when the first open date must be drafted or, while a process is drafting it, when its lease ends."""
    moments: list[datetime] = []
    for date in dates_after(series, after=series.counts_from):
        if date.state in {State.PLANNED, State.DRAFTING}:
            moments.append(date.draft_at)
        if date.state == State.PLANNED:
            break
    return min(moments, default=None)


def dates_after(series: Series, *, after: datetime) -> Iterator[SeriesDate]:
    """Yield the dates that are due after a moment, in order."""
    since = stored_local_time(to_local(after, recurrence_of(series).tzinfo))
    kept = Occurrence.objects.filter(Q(due_at__gt=after) | Q(local_time__gte=since), series_id=series.pk)
    rows = {row.local_time: row for row in kept.select_related("issue__publication")}
    known = [_known(series, row) for row in rows.values() if row.due_at > after]
    new = (
        SeriesDate(
            local_time=local_time, send_at=local_time, due_at=found.at, draft_at=_draft_at(series, found.at)
        )
        for found in occurrences(recurrence_of(series), after=after)
        if (local_time := stored_local_time(found.local_time)) not in rows
    )
    return merge(sorted(known, key=_when), new, key=_when)


def stored_local_time(local_time: datetime) -> str:
    """Return a local time as it is stored, such as 2026-12-01T07:30."""
    return local_time.isoformat(timespec="minutes")


def describe_local_time(local_time: str) -> str:
    """Return a stored local time in words, such as Tuesday 1 December 2026, 07:30."""
    moment = datetime.fromisoformat(local_time)
    return f"{moment:%A} {written_moment(moment)}"


def describe_draft_time(series: Series, date: SeriesDate) -> str:
    """Return when the issue of a date will be drafted, in words, or nothing if it is not drafted before it is sent."""
    if date.state != State.PLANNED or date.draft_at >= date.due_at:
        return ""
    at = to_local(date.draft_at, recurrence_of(series).tzinfo)
    return f"drafted on {describe_local_time(at.replace(tzinfo=None).isoformat())}"


def _draft_at(series: Series, due_at: datetime) -> datetime:
    """Return when the issue of a date is drafted. The mode says how long before its first reader gets the issue."""
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
        send_at=row.moved_to or row.local_time,
        due_at=row.due_at,
        draft_at=row.lease_until if drafting and row.lease_until else _draft_at(series, row.due_at),
        state=State(row.state),
        row=row,
    )


def _when(date: SeriesDate) -> datetime:
    return date.due_at
