"""Decides about single dates of a series: skip one, move one. The rhythm goes on as it was."""

from dataclasses import replace
from datetime import date, datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, acting, require
from newsletter.accounts.audit_log import Changes
from newsletter.errors import Invalid, Refused
from newsletter.issues.audit import record
from newsletter.issues.labels import named
from newsletter.scheduling.models import Occurrence, Series
from newsletter.scheduling.recurrence.local_time import Side, wall_of
from newsletter.scheduling.recurrence.parse_datetime import read_day, read_moment
from newsletter.scheduling.series import locked_series
from newsletter.scheduling.series_dates import (
    Date,
    State,
    dates_of,
    next_look,
    rhythm_of,
    said,
    upcoming,
    written,
)

MOST_SEARCHED = 1_000


def skip_date(series: Series, which: str = "") -> Date:
    """Leave one date out: the next one, or that of a day such as 2026-12-08. Raises Invalid or Refused."""
    require(Role.EDITOR, "Skipping a date of a series")
    with transaction.atomic():
        found = locked_series(series)
        date = _changeable(found, which)
        _keep(found, date, state=State.SKIPPED, reason=f"Skipped by {acting().name}.")
        changes: Changes = {f"date {date.wall}": [date.goes_at, None]}
        _note(found, f"Skipped {said(date.wall)} of the series {found.name}.", changes)
    return replace(date, state=State.SKIPPED)


def move_date(series: Series, which: str, to: str, *, choice: Side = "") -> Date:
    """Let one date go at another time, such as 2026-12-09 08:00; one that was skipped comes back by it.

    Raises Invalid, Refused for a time that has passed, or Unclear for one that comes twice or never.
    """
    require(Role.EDITOR, "Moving a date of a series")
    now = timezone.now()
    with transaction.atomic():
        found = locked_series(series)
        date = _changeable(found, which)
        zone = rhythm_of(found).tzinfo
        at = read_moment(to, zone, now=now, choice=choice)
        wall = wall_of(at, zone)
        if at <= now:
            raise Refused(f"{said(written(wall))} has passed. Give a time to come.")
        moved_to = "" if written(wall) == date.wall else written(wall)
        _keep(found, date, state=State.PLANNED, due_at=at, moved_to=moved_to, reason="")
        sentence = f"Moved {said(date.wall)} of the series {found.name} to {said(written(wall))}."
        _note(found, sentence, {f"date {date.wall}": [date.goes_at, written(wall)]})
    return replace(date, state=State.PLANNED, goes_at=written(wall), due_at=at)


def _changeable(series: Series, which: str) -> Date:
    """The date that is named and not drafted yet."""
    now = timezone.now()
    date = _named(series, which, now) if which else _next(series, now)
    if date.state == State.DRAFTING:
        raise Refused(f"{said(date.wall)} is being drafted at this moment. Look at its issue in a minute.")
    if date.row is not None and date.row.issue is not None:
        issue = date.row.issue
        raise Refused(f"{said(date.wall)} is drafted already: it is {named(issue)}. Change that issue.")
    return date


def _next(series: Series, now: datetime) -> Date:
    waiting = (date for date in upcoming(series, now=now, count=MOST_SEARCHED) if date.state == State.PLANNED)
    date = next(waiting, None)
    if date is None:
        raise Refused(f"The series {series.name} has no date to come.")
    return date


def _named(series: Series, which: str, now: datetime) -> Date:
    today = timezone.localdate(now, rhythm_of(series).tzinfo)
    day = read_day(which, today=today)
    found = [date for date in islice(dates_of(series, after=now), MOST_SEARCHED) if _is_on(date, day)]
    if not found:
        there_are = "; ".join(said(date.goes_at) for date in upcoming(series, now=now)) or "none"
        raise Invalid(f"The series {series.name} has no date on {day} to come. The next are: {there_are}.")
    return found[0]


def _is_on(date: Date, day: date) -> bool:
    return str(day) in {date.wall[:10], date.goes_at[:10]}


def _keep(series: Series, date: Date, **values: object) -> None:
    defaults = {"due_at": date.due_at} | values
    Occurrence.objects.update_or_create(series=series, wall=date.wall, defaults=defaults)
    if series.paused_at is None:
        Series.objects.filter(pk=series.pk).update(look_at=next_look(series))


def _note(series: Series, sentence: str, changes: Changes) -> None:
    record("series", sentence, publication=series.publication, thing=f"series {series.pk}", changes=changes)
