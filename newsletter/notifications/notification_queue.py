"""The queue of what editors and webhooks are told: its states, and what a quarantined database leaves out."""

from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail
from newsletter.instance.guard import may_send
from newsletter.notifications.models import Notification, NotificationMail, State, WebhookDelivery
from subscribers.leased_queue import LeasedQueue

# The states of emails about accounts have the same values.
QUEUE = LeasedQueue({"state": State.WAITING})
Row = NotificationMail | WebhookDelivery | AccountMail
Delivery = TypeVar("Delivery", NotificationMail, WebhookDelivery)


def without_quarantined(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Leave out what a copied or restored database must not send: all but the notification that it is quarantined."""
    return rows if may_send() else rows.filter(notification__kind=Notification.Kind.QUARANTINED)


def settle(row: Row, state: State, **fields: Any) -> None:
    """Record the final state of a claimed row, unless another process has claimed the row since."""
    QUEUE.held(row).update(state=state, done_at=timezone.now(), **fields)
