"""Stores unsubscribes as events when people are erased, so that the statistics of mailings do not drop.

As long as we know a person, the consent log says when they unsubscribed, and statistics_sql.py finds the email after
which they did. The log forgets who they were in the transaction that erases them, so we store an event before that.
"""

import secrets
from datetime import datetime, timedelta

from newsletter.sending.models import Recipient
from newsletter.tracking.models import Event
from newsletter.tracking.statistics_sql import UNSUBSCRIBE_SECONDS
from subscribers.models import ConsentEntry, SourceKind, Subscriber

WITHIN = timedelta(seconds=UNSUBSCRIBE_SECONDS)
UNSUBSCRIBES = (ConsentEntry.Act.LEFT, ConsentEntry.Act.ERASED)


def keep_unsubscribes(subscriber: Subscriber) -> None:
    """Record the emails after which a person unsubscribed, or erased themselves, by one of our links."""
    got = _emails_to(subscriber)
    left: dict[Recipient, datetime] = {}
    entries = ConsentEntry.objects.filter(
        subscriber=subscriber, source=SourceKind.EMAIL_LINK, act__in=UNSUBSCRIBES
    )
    for entry in entries.order_by("at"):
        latest = _latest(got, entry)
        if latest is not None:
            left.setdefault(latest, entry.at)
    Event.objects.bulk_create(
        Event(
            mailing_id=recipient.mailing_id,
            recipient=recipient,
            kind=Event.Kind.UNSUBSCRIBED,
            detail="by a link in the email",
            at=at,
            fingerprint=secrets.token_bytes(16),
        )
        for recipient, at in left.items()
    )


def _emails_to(subscriber: Subscriber) -> list[Recipient]:
    """Return the person's recipient rows of mailings that reached them, or perhaps did, in the order of posting."""
    reached = (Recipient.State.ACCEPTED, Recipient.State.UNKNOWN)
    rows = Recipient.objects.filter(subscriber=subscriber, state__in=reached, batch__posted_at__isnull=False)
    return list(rows.select_related("batch", "mailing").order_by("batch__posted_at", "pk"))


def _latest(got: list[Recipient], entry: ConsentEntry) -> Recipient | None:
    """Return the last email before somebody unsubscribed, of that list if they unsubscribed from one list."""
    for recipient in reversed(got):
        posted_at = recipient.batch.posted_at
        its_list = recipient.mailing.mailing_list_id
        if posted_at is not None and posted_at <= entry.at and entry.list_id in {None, its_list}:
            return recipient if entry.at - posted_at < WITHIN else None
    return None
