"""What became of the dates of a series: an issue was drafted, or there is none, and why."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.issues.models import Issue
from newsletter.scheduling.models import Occurrence, Schedule, Series
from newsletter.scheduling.schedule import said as said_time
from newsletter.tracking.telling.facts.fact import Fact, Kind, about_issue, said, said_wall, untold

State = Occurrence.State


def drafted(since: datetime) -> Iterator[Fact]:
    """Issues that a series drafted. One that must be approved waits for the editors."""
    occurrences = Occurrence.objects.filter(state=State.DRAFTED, issue__composed_at__gte=since)
    rows = occurrences.select_related("series", "issue__publication", "issue__schedule")
    for each in untold(rows, "drafted").order_by("pk"):
        assert each.issue is not None
        series, issue = each.series, each.issue
        waits = series.mode == Series.Mode.APPROVE and issue.state == Issue.State.DRAFT
        yield about_issue(
            issue,
            Kind.WAITING if waits else Kind.DRAFTED,
            key=f"drafted:{each.pk}",
            text=f"The series {series.name} drafted “{issue.subject}”. {_what_follows(series, issue)}",
            series=series.name,
        )


def skipped(since: datetime) -> Iterator[Fact]:
    """Dates of a series on which no issue comes."""
    occurrences = Occurrence.objects.filter(state__in=(State.SKIPPED, State.MISSED), due_at__gte=since)
    for each in untold(occurrences.select_related("series__publication"), "skipped").order_by("pk"):
        publication, series = each.series.publication, each.series
        when = said_wall(datetime.fromisoformat(each.moved_to or each.wall), series.zone)
        yield Fact(
            key=f"skipped:{each.pk}",
            kind=Kind.SKIPPED,
            subject=f"{each.get_state_display()}: {publication.name}, {when}",
            text=f"The series {series.name} brings no issue for {when}.",
            reason=each.reason,
            link=f"/desk/issues/{publication.slug}/",
            publication=publication,
            facts={"series": series.name, "wall": each.wall, "zone": series.zone, "outcome": each.state},
        )


def _what_follows(series: Series, issue: Issue) -> str:
    if series.mode == Series.Mode.DRAFT:
        return "It stays a draft until somebody approves and sends it."
    schedule = Schedule.objects.filter(issue=issue).first()
    when = f" at {said_time(schedule)}" if schedule else ""
    if series.mode == Series.Mode.SEND:
        return f"It goes by itself{when}; until then it can be changed or taken back."
    by = f" by {said(schedule.approve_by, schedule.tzinfo)}" if schedule and schedule.approve_by else ""
    return f"It goes{when} if somebody approves it{by}."
