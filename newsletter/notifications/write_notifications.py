"""Writes down what happened, once, with the mails and posts that tell it: all in one transaction.

Facts are read from rows, and the key of a notice is unique, so any number of clocks may tick and any may die.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter.notifications.detectors import DETECTORS
from newsletter.notifications.detectors.notable_event import NotableEvent
from newsletter.notifications.models import Notification, NotificationEpoch, NotificationMail, WebhookDelivery
from newsletter.notifications.webhook_events import event_of
from newsletter.notifications.who_is_notified import people_to_notify, webhooks_to_call
from subscribers.text import folded, without_addresses

log = logging.getLogger(__name__)

# What was older than this when the press began to tell is no news.
OLD_AT_EPOCH = timedelta(days=3)
# A clock that stood still for longer does not tell what nobody waits for any more.
OLD = timedelta(days=30)


def write_next_notification() -> bool:
    """Write down one thing that happened and was not told yet; says whether there was one.

    Raises what a finder raised, once nothing else is left to be told.
    """
    since = _since()
    first_error: Exception | None = None
    for find in DETECTORS:
        try:
            fact = next(find(since), None)
            if fact is not None:
                notify(fact)
                return True
        except Exception as error:
            # What one finder cannot read must not keep the others from being told.
            log.exception("What %s finds could not be told; the others go on.", find.__name__)
            first_error = first_error or error
    if first_error is not None:
        raise first_error
    return False


def notify(fact: NotableEvent) -> None:
    """Write a notice with all that follows from it, unless another clock has just done so."""
    try:
        with transaction.atomic():
            _write(fact)
    except IntegrityError:
        if not Notification.objects.filter(key=fact.key).exists():
            raise


def _write(fact: NotableEvent) -> None:
    now = timezone.now()
    reason = without_addresses(fact.reason)
    notification = Notification.objects.create(
        key=fact.key,
        kind=fact.kind,
        publication=fact.publication,
        subject=folded(fact.subject)[:400],
        text="\n\n".join(part for part in (fact.text, reason) if part),
        link=fact.link,
        data={**fact.data, "reason": reason},
        made_at=now,
    )
    NotificationMail.objects.bulk_create(
        NotificationMail(notification=notification, user=person, due_at=now)
        for person in people_to_notify(notification)
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, notification=notification, body=event_of(notification), due_at=now)
        for webhook in webhooks_to_call(notification)
    )


def _since() -> datetime:
    """From when on what happened is news."""
    now = timezone.now()
    beginning, _is_new = NotificationEpoch.objects.get_or_create(pk=1, defaults={"at": now})
    return max(beginning.at - OLD_AT_EPOCH, now - OLD)
