"""Show a series and its dates to programs and people."""

from typing import Any

from django.utils import timezone

from newsletter.cli.output import print_fields, print_json, print_rows
from newsletter.issues.find_publication_or_issue import issue_full_name as path_of_issue
from newsletter.scheduling.models import Series
from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
from newsletter.scheduling.series_dates import SeriesDate, describe_local_time, recurrence_of, upcoming
from newsletter.scheduling.series_names import series_full_name


def series_document(series: Series) -> dict[str, Any]:
    """Return a series for programs."""
    last = (
        series.occurrences.exclude(state="planned").select_related("issue__publication").order_by("-due_at")
    )
    return {
        "series": series_full_name(series),
        "publication": series.publication.slug,
        "recurrence": describe_recurrence(recurrence_of(series)),
        "rrule": series.rrule,
        "time": f"{series.time:%H:%M}",
        "zone": series.zone,
        "starts_on": series.starts_on,
        "mode": series.mode,
        "selection": series.selection,
        "readers_time": series.readers_time,
        "draft_ahead_minutes": series.draft_ahead_minutes,
        "approve_by_minutes": series.approve_by_minutes,
        "paused_at": series.paused_at,
        "next": [date_document(date) for date in upcoming(series, now=timezone.now())],
        "last": [
            {
                "date": row.local_time,
                "state": row.state,
                "reason": row.reason,
                "issue": path_of_issue(row.issue) if row.issue else None,
            }
            for row in last[:5]
        ],
    }


def date_document(date: SeriesDate) -> dict[str, Any]:
    """Return a date of a series for programs."""
    return {
        "date": date.local_time,
        "send_at": date.send_at,
        "at": date.due_at,
        "draft_at": date.draft_at,
        "state": date.state.value,
    }


def present(series: Series, *, as_json: bool) -> None:
    """Print a series, its next dates, and what happened on the last ones."""
    facts = series_document(series)
    if as_json:
        print_json(facts)
        return
    kept = ("series", "recurrence", "zone", "mode", "selection", "paused_at")
    print_fields({key.replace("_", " ").capitalize(): facts[key] for key in kept if facts[key] is not None})
    dates = upcoming(series, now=timezone.now())
    print_rows(
        ("Next", "State"),
        ((describe_local_time(date.send_at), _state(date)) for date in dates),
        empty="This series has no more dates.",
    )
    if facts["last"]:
        rows = (
            (describe_local_time(row["date"]), row["state"], row["issue"], row["reason"])
            for row in facts["last"]
        )
        print_rows(("Last", "State", "Issue", "Reason"), rows, empty="")


def next_date(series: Series) -> str:
    """Describe the next date of a series, for people."""
    if series.paused_at:
        return "paused"
    dates = (date for date in upcoming(series, now=timezone.now()) if date.state != "skipped")
    return next((describe_local_time(date.send_at) for date in dates), "none")


def _state(date: SeriesDate) -> str:
    moved = f"moved from {describe_local_time(date.local_time)}" if date.moved else ""
    return ", ".join(filter(None, (date.state.label.lower(), moved)))
