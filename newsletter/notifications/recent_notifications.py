"""Lists the latest notifications, and whether they have arrived."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.issues.visible_to_actor import visible
from newsletter.notifications.models import Notification, State


@dataclass(frozen=True, slots=True)
class NotificationStatus:
    """A notification, and how many of its emails and webhook deliveries are in each state."""

    notification: Notification
    mails: Counter[State]
    posts: Counter[State]


def recent_notifications(at_most: int) -> list[NotificationStatus]:
    """Return the latest notifications that the actor may see, newest first.

    People with roles for single publications see those about these publications.
    """
    notifications = visible(Notification.objects.order_by("-pk")).select_related("publication")
    found = notifications.prefetch_related("mails", "deliveries")[:at_most]
    return [
        NotificationStatus(
            notification,
            mails=_counted(mail.state for mail in notification.mails.all()),
            posts=_counted(post.state for post in notification.deliveries.all()),
        )
        for notification in found
    ]


def _counted(states: Iterable[str]) -> Counter[State]:
    return Counter(State(state) for state in states)
