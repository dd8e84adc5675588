"""Detects what a series did on its dates: it drafted an issue, or did not, and why."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.issues.models import AuditEntry, Issue
from newsletter.issues.page_urls import series_path
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, issue_event, not_notified
from newsletter.scheduling.models import Occurrence, Series
from newsletter.sending.status_sentences import issue_status

State = Occurrence.State


def drafted(since: datetime) -> Iterator[NotableEvent]:
    """Yield issues that a series drafted. Some of them need approval from an approver."""
    occurrences = Occurrence.objects.filter(state=State.DRAFTED, issue__composed_at__gte=since)
    rows = occurrences.select_related("series", "issue__publication", "issue__schedule")
    for each in not_notified(rows, "drafted").order_by("pk"):
        assert each.issue is not None
        series, issue = each.series, each.issue
        waits = series.mode == Series.Mode.APPROVE and issue.state == Issue.State.DRAFT
        yield issue_event(
            issue,
            Kind.WAITING if waits else Kind.DRAFTED,
            key=f"drafted:{each.pk}",
            text=(
                f"An issue has been drafted for the recurring issue “{series.name}”: “{issue.subject}”. "
                f"{_what_follows(issue)}"
            ),
            series=series.name,
        )


def skipped(since: datetime) -> Iterator[NotableEvent]:
    """Yield dates of a series without an issue. Nobody is notified of a date that a person skipped."""
    entries = AuditEntry.objects.filter(act__in=(State.SKIPPED, State.MISSED), at__gte=since)
    for each in not_notified(entries.select_related("publication"), "skipped").order_by("pk"):
        assert each.publication is not None
        yield NotableEvent(
            key=f"skipped:{each.pk}",
            kind=Kind.SKIPPED,
            subject=f"{State(each.act).label}: an issue of {each.publication.name}",
            text="We did not draft an issue for one of the dates of a recurring issue.",
            reason=each.sentence,
            link=series_path(each.publication),
            publication=each.publication,
            data={"outcome": each.act},
        )


def _what_follows(issue: Issue) -> str:
    can_change = (
        " Until then, you can change or unschedule it." if issue.state == Issue.State.SCHEDULED else ""
    )
    return f"{issue_status(issue).sentence}{can_change}"
