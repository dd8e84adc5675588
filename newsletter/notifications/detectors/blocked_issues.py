"""Issues that the press held, and why."""

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
from newsletter.sending.ledger import count_recipients
from newsletter.sending.models import Mailing


def blocked(since: datetime) -> Iterator[NotableEvent]:
    """Issues that did not go when they should have, and are held still."""
    entries = AuditEntry.objects.filter(act="block", at__gte=since, issue__state=Issue.State.BLOCKED)
    for each in not_notified(entries.select_related("issue__publication"), "held").order_by("pk"):
        assert each.issue is not None
        yield issue_event(
            each.issue,
            Kind.BLOCKED,
            key=f"held:{each.pk}",
            text="It will not be sent until somebody decides.",
            reason=each.issue.blocked_reason or each.sentence,
        )


def reached_nobody(since: datetime) -> Iterator[NotableEvent]:
    """Issues that were sent, and not one recipient got them."""
    mailings = Mailing.objects.filter(finished_at__gte=since, issue__state=Issue.State.BLOCKED)
    for each in mailings.select_related("issue__publication").order_by("pk"):
        # A retry may end the same way: that is told again.
        key = f"nobody:{each.pk}:{each.finished_at:%Y%m%dT%H%M%S}"
        if was_notified(key):
            continue
        counted = count_recipients(each)
        yield issue_event(
            each.issue,
            Kind.BLOCKED,
            key=key,
            text=(
                f"Nobody got it: of {counted.audience:,} people, {counted.rejected:,} were refused and "
                f"{counted.skipped:,} left out. `newsletter mailings show {each.pk}` says why."
            ),
            mailing=each.pk,
        )
