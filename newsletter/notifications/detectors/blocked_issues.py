"""Detects blocked issues, and why they are blocked."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.issues.models import AuditEntry, Issue
from newsletter.notifications.detectors.notable_event import (
    Kind,
    NotableEvent,
    issue_event,
    not_notified,
    was_notified,
)
from newsletter.sending.models import Mailing
from newsletter.sending.recipient_counts import count_recipients


def blocked(since: datetime) -> Iterator[NotableEvent]:
    """Yield issues that were not sent when they should have been, and are still blocked."""
    entries = AuditEntry.objects.filter(act="block", at__gte=since, issue__state=Issue.State.BLOCKED)
    for each in not_notified(entries.select_related("issue__publication"), "blocked").order_by("pk"):
        assert each.issue is not None
        yield issue_event(
            each.issue,
            Kind.BLOCKED,
            key=f"blocked:{each.pk}",
            text="This issue is blocked, so it will not be sent until you decide what to do with it.",
            reason=each.issue.blocked_reason or each.sentence,
        )


def reached_nobody(since: datetime) -> Iterator[NotableEvent]:
    """Yield issues that were sent but reached nobody."""
    mailings = Mailing.objects.filter(finished_at__gte=since, issue__state=Issue.State.BLOCKED)
    for each in mailings.select_related("issue__publication").order_by("pk"):
        # A retry may end the same way, and is then notified again.
        key = f"nobody:{each.pk}:{each.finished_at:%Y%m%dT%H%M%S}"
        if was_notified(key):
            continue
        counted = count_recipients(each)
        yield issue_event(
            each.issue,
            Kind.BLOCKED,
            key=key,
            text=(
                f"Nobody received this issue. Recipients: {counted.audience:,}. Rejected: "
                f"{counted.rejected:,}. Left out: {counted.skipped:,}. To see the reasons, run "
                f"`newsletter mailings show {each.pk}`."
            ),
            mailing=each.pk,
        )
