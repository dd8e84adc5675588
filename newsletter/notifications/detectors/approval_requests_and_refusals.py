"""Detects issues that somebody did not approve, and requests for approval."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.issues.models import ApprovalRefusal, AuditEntry, Issue
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, issue_event, not_notified


def refused(since: datetime) -> Iterator[NotableEvent]:
    """Yield refusals to approve an issue, unless somebody has asked for approval again in the meantime."""
    refusals = ApprovalRefusal.objects.filter(refused_at__gte=since, closed_at=None)
    for each in not_notified(refusals.select_related("issue__publication"), "refused").order_by("pk"):
        yield issue_event(
            each.issue,
            Kind.REFUSED,
            key=f"refused:{each.pk}",
            text=(
                f"{each.refused_by} did not approve this issue. Make the necessary changes, then ask for approval "
                "again."
            ),
            reason=each.reason,
        )


def asked(since: datetime) -> Iterator[NotableEvent]:
    """Yield requests for approval, unless the issue was approved or refused in the meantime."""
    entries = AuditEntry.objects.filter(act="ask-approval", at__gte=since, issue__state=Issue.State.DRAFT)
    entries = entries.exclude(issue__refusals__closed_at__isnull=True, issue__refusals__isnull=False)
    for each in not_notified(entries.select_related("issue__publication"), "asked").order_by("pk"):
        assert each.issue is not None
        yield issue_event(
            each.issue,
            Kind.WAITING,
            key=f"asked:{each.pk}",
            happened="Approval requested",
            text=f"{each.actor} has asked for this issue to be approved.",
            page="review",
            by=each.account,
        )
