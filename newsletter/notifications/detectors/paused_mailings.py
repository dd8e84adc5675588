"""Detects mailings that were paused automatically. Nobody is notified of a pause that a person made."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.accounts.actor import SYSTEM
from newsletter.notifications.detectors.notable_event import (
    Kind,
    NotableEvent,
    issue_event,
    not_notified,
    tail_of,
)
from newsletter.sending.models import Decision, Mailing


def paused(since: datetime) -> Iterator[NotableEvent]:
    """Yield mailings that stay paused until somebody resumes or stops them. Each pause is a separate event."""
    pauses = Decision.objects.filter(
        act=Decision.Act.PAUSE,
        decided_by=SYSTEM.name,
        decided_at__gte=since,
        mailing__state=Mailing.State.PAUSED,
    )
    rows = pauses.select_related("mailing__issue__publication")
    for each in not_notified(rows, "paused").order_by("pk"):
        number = each.mailing_id
        yield issue_event(
            each.mailing.issue,
            Kind.PAUSED,
            key=f"paused:{each.pk}",
            text=(
                f"Mailing {number} is paused. To continue, run `newsletter mailings resume {number}`. "
                f"To stop it for good, run `newsletter mailings stop {number}`."
            ),
            reason=each.sentence,
            tail=tail_of(each.mailing),
            mailing=number,
        )
