"""Issues that the press held, and why."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.issues.models import AuditEntry, Issue
from newsletter.notifications.detectors.finding import Fact, Kind, about_issue, is_told, untold
from newsletter.sending.ledger import figures
from newsletter.sending.models import Mailing


def held(since: datetime) -> Iterator[Fact]:
    """Issues that did not go when they should have, and are held still."""
    entries = AuditEntry.objects.filter(act="hold", at__gte=since, issue__state=Issue.State.HELD)
    for each in untold(entries.select_related("issue__publication"), "held").order_by("pk"):
        assert each.issue is not None
        yield about_issue(
            each.issue,
            Kind.HELD,
            key=f"held:{each.pk}",
            text="It will not be sent until somebody decides.",
            reason=each.issue.held_because or each.sentence,
        )


def reached_nobody(since: datetime) -> Iterator[Fact]:
    """Issues that were sent, and not one recipient got them."""
    mailings = Mailing.objects.filter(finished_at__gte=since, issue__state=Issue.State.HELD)
    for each in mailings.select_related("issue__publication").order_by("pk"):
        # A retry may end the same way: that is told again.
        key = f"nobody:{each.pk}:{each.finished_at:%Y%m%dT%H%M%S}"
        if is_told(key):
            continue
        counted = figures(each)
        yield about_issue(
            each.issue,
            Kind.HELD,
            key=key,
            text=(
                f"Nobody got it: of {counted.audience:,} people, {counted.refused:,} were refused and "
                f"{counted.skipped:,} left out. `newsletter mailings show {each.pk}` says why."
            ),
            mailing=each.pk,
        )
