"""Detects mailings that are over but for people of whom nobody knows whether they received the email."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.notifications.detectors.notable_event import (
    Kind,
    NotableEvent,
    issue_event,
    not_notified,
    tail_of,
)
from newsletter.sending.models import Recipient
from newsletter.sending.undecided_batches import undecided_mailings, undecided_sentence


def undecided(since: datetime) -> Iterator[NotableEvent]:
    """Yield mailings that only a person can end."""
    mailings = undecided_mailings(since).select_related("issue__publication")
    for each in not_notified(mailings, "undecided").order_by("pk"):
        yield issue_event(
            each.issue,
            Kind.UNDECIDED,
            key=f"undecided:{each.pk}",
            text=undecided_sentence(each),
            tail=tail_of(each),
            mailing=each.pk,
            unknown=Recipient.objects.filter(batch__mailing=each, state=Recipient.State.UNKNOWN).count(),
        )
