"""Skips and moves single dates of a series. All other dates stay as they are."""

from dataclasses import replace
from datetime import date, datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.accounts.audit_log import Changes
from newsletter.errors import Invalid, Refused
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label
from newsletter.scheduling.models import Occurrence, Series
from newsletter.scheduling.recurrence.local_time import Side, to_local
from newsletter.scheduling.recurrence.parse_datetime import parse_day, parse_moment
from newsletter.scheduling.series_dates import (
    SeriesDate,
    State,
    dates_after,
    describe_local_time,
    next_check,
    recurrence_of,
    stored_local_time,
    upcoming,
)
from newsletter.scheduling.store_series import lock_series

MAX_SEARCHED = 1_000


def skip_date(series: Series, which: str = "") -> SeriesDate:
    """Skip one date: the next one, or the one on a day such as 2026-12-08. Raises Invalid or Refused."""
    require_role(Role.EDITOR, "Skipping a date of a recurring issue", publication=series.publication_id)
    with transaction.atomic():
        found = lock_series(series)
        date = _changeable(found, which)
        _keep(found, date, state=State.SKIPPED, reason=f"Skipped by {current_actor().name}.")
        changes: Changes = {f"date {date.local_time}": [date.send_at, None]}
        _note(
            found,
            f"Skipped {describe_local_time(date.local_time)} for the recurring issue “{found.name}”.",
            changes,
        )
    return replace(date, state=State.SKIPPED)


def move_date(series: Series, which: str, to: str, *, choice: Side = "") -> SeriesDate:
    """Move one date to another time, such as 2026-12-09 08:00. Moving a skipped date also restores it.

    Raises Invalid, Refused for a time in the past, or Unclear for a time that happens twice or never.
    """
    require_role(Role.EDITOR, "Moving a date of a recurring issue", publication=series.publication_id)
    now = timezone.now()
    with transaction.atomic():
        found = lock_series(series)
        date = _changeable(found, which)
        zone = recurrence_of(found).tzinfo
        at = parse_moment(to, zone, now=now, choice=choice)
        local_time = to_local(at, zone)
        if at <= now:
            raise Refused(
                f"{describe_local_time(stored_local_time(local_time))} has passed. Choose a time in the future."
            )
        moved_to = "" if stored_local_time(local_time) == date.local_time else stored_local_time(local_time)
        _keep(found, date, state=State.PLANNED, due_at=at, moved_to=moved_to, reason="")
        new = stored_local_time(local_time)
        before, after = describe_local_time(date.local_time), describe_local_time(new)
        sentence = f"Moved the date of the recurring issue “{found.name}” from {before} to {after}."
        old = None if date.state == State.SKIPPED else date.send_at
        _note(found, sentence, {f"date {date.local_time}": [old, new]})
    return replace(date, state=State.PLANNED, send_at=stored_local_time(local_time), due_at=at)


def restore_date(series: Series, which: str) -> SeriesDate:
    """Let a date that was skipped or moved be drafted at its own time again. Raises as `move_date`."""
    date = _named(series, which, timezone.now())
    return move_date(series, which, date.local_time.replace("T", " "))


def _changeable(series: Series, which: str) -> SeriesDate:
    """Return the chosen date. Raises Refused if its issue has been drafted, or is being drafted."""
    now = timezone.now()
    date = _named(series, which, now) if which else _next(series, now)
    if date.state == State.DRAFTING:
        raise Refused(
            f"The issue for {describe_local_time(date.local_time)} is being drafted now. Wait a minute, then change "
            "that issue."
        )
    if date.row is not None and date.row.issue is not None:
        issue = date.row.issue
        raise Refused(
            f"The issue for {describe_local_time(date.local_time)} has already been drafted as "
            f"{issue_label(issue)}. Change that issue instead."
        )
    return date


def _next(series: Series, now: datetime) -> SeriesDate:
    waiting = (date for date in upcoming(series, now=now, count=MAX_SEARCHED) if date.state == State.PLANNED)
    date = next(waiting, None)
    if date is None:
        raise Refused(f"The recurring issue “{series.name}” does not have any more dates.")
    return date


def _named(series: Series, which: str, now: datetime) -> SeriesDate:
    today = timezone.localdate(now, recurrence_of(series).tzinfo)
    day = parse_day(which, today=today)
    found = [date for date in islice(dates_after(series, after=now), MAX_SEARCHED) if _is_on(date, day)]
    if not found:
        there_are = (
            "; ".join(describe_local_time(date.send_at) for date in upcoming(series, now=now)) or "none"
        )
        raise Invalid(
            f"The recurring issue “{series.name}” has no date on {day}. The next dates are: {there_are}."
        )
    return found[0]


def _is_on(date: SeriesDate, day: date) -> bool:
    return str(day) in {date.local_time[:10], date.send_at[:10]}


def _keep(series: Series, date: SeriesDate, **values: object) -> None:
    defaults = {"due_at": date.due_at} | values
    Occurrence.objects.update_or_create(series=series, local_time=date.local_time, defaults=defaults)
    if series.paused_at is None:
        Series.objects.filter(pk=series.pk).update(next_check_at=next_check(series))


def _note(series: Series, sentence: str, changes: Changes) -> None:
    record("series", sentence, publication=series.publication, thing=f"series {series.pk}", changes=changes)
