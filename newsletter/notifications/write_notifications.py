"""Stores each event once as a notification, with its emails and webhook deliveries, in one transaction.

Events are found in rows, and the key of a notification is unique, so any number of schedulers can run, and any of them
can be killed.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter.notifications.detectors import DETECTORS, Detector
from newsletter.notifications.detectors.notable_event import NotableEvent
from newsletter.notifications.models import Notification, NotificationEpoch, NotificationMail, WebhookDelivery
from newsletter.notifications.webhook_event_json import event_of
from newsletter.notifications.who_is_notified import people_to_notify, webhooks_to_call
from subscribers.clean_text import folded, without_addresses

log = logging.getLogger(__name__)

# Events that were older than this when notifications started are not notified.
OLD_AT_EPOCH = timedelta(days=3)
# After a longer standstill, the scheduler does not notify events that nobody is waiting for any more.
OLD = timedelta(days=30)


def write_next_notification(detectors: Sequence[Detector] | None = None) -> bool:
    """Store a notification of one new event that these detectors find, or DETECTORS. Return whether there was one.

    If a detector raised an error, raise that error once no other detector finds anything.
    """
    since = _since()
    first_error: Exception | None = None
    for detect in DETECTORS if detectors is None else detectors:
        try:
            event = next(detect(since), None)
            if event is not None:
                notify(event)
                return True
        except Exception as error:
            # An error in one detector must not stop the others.
            log.exception(
                "We could not look for events to notify editors of (%s). We will try again.", detect.__name__
            )
            first_error = first_error or error
    if first_error is not None:
        raise first_error
    return False


def notify(event: NotableEvent) -> None:
    """Store a notification with its emails and deliveries, unless another scheduler has just done so."""
    try:
        with transaction.atomic():
            _write(event)
    except IntegrityError:
        if not Notification.objects.filter(key=event.key).exists():
            raise


def _write(event: NotableEvent) -> None:
    now = timezone.now()
    reason = without_addresses(event.reason)
    notification = Notification.objects.create(
        key=event.key,
        kind=event.kind,
        publication=event.publication,
        subject=folded(event.subject)[:400],
        text="\n\n".join(part for part in (event.text, reason) if part),
        link=event.link,
        data={**event.data, "reason": reason},
        made_at=now,
    )
    if event.also is not None:
        event.also(notification)
    NotificationMail.objects.bulk_create(
        NotificationMail(notification=notification, user=person, due_at=now)
        for person in people_to_notify(notification)
        if person.pk != event.by
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, notification=notification, body=event_of(notification), due_at=now)
        for webhook in webhooks_to_call(notification)
    )


def _since() -> datetime:
    """Return the time from which events are notified."""
    now = timezone.now()
    beginning, _is_new = NotificationEpoch.objects.get_or_create(pk=1, defaults={"at": now})
    return max(beginning.at - OLD_AT_EPOCH, now - OLD)
