"""Detects issues that were approved and need approval again."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef

from newsletter.issues.models import AuditEntry, Issue
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, issue_event, not_notified


def reopened(since: datetime) -> Iterator[NotableEvent]:
    """Yield issues whose approval has ended, unless somebody has approved them again in the meantime.

    An approval that another replaced has not ended for anybody.
    """
    approved_again = AuditEntry.objects.filter(act="approve", issue=OuterRef("issue"), pk__gt=OuterRef("pk"))
    entries = AuditEntry.objects.filter(
        ~Exists(approved_again), act="reopen", at__gte=since, issue__state=Issue.State.DRAFT
    )
    for each in not_notified(entries.select_related("issue__publication"), "reopened").order_by("pk"):
        assert each.issue is not None
        yield issue_event(
            each.issue,
            Kind.WAITING,
            key=f"reopened:{each.pk}",
            happened="No longer approved",
            text="This issue is no longer approved. It will not be sent until somebody approves it again.",
            reason=each.sentence,
            by=each.account,
        )
