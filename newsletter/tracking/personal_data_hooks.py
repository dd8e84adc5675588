"""Exports a person's events on request, and erases them with the person.

Events contain nothing about a person except the ID of the recipient row, which erasure disconnects from the person.
Only unreadable posts may still contain an address: those that mention it are deleted.
"""

from typing import Any

from django.db.models import F
from django.dispatch import receiver

from newsletter.sending.models import Recipient
from newsletter.tracking import webhook_spool
from newsletter.tracking.keep_unsubscribes_on_erasure import keep_unsubscribes
from newsletter.tracking.models import Event, RawWebhookPost
from subscribers.models import Subscriber
from subscribers.signals import exporting, forgetting


@receiver(forgetting)
def forget(subscriber: Subscriber, **_signal: Any) -> None:
    """Delete set-aside posts that mention the person. Waiting posts will be processed and deleted in moments.

    The mailings after which they unsubscribed are stored without their identity, so that the statistics do not drop.
    """
    keep_unsubscribes(subscriber)
    webhook_spool.sweep()
    spellings = {subscriber.address.lower(), subscriber.address_key.lower()}
    for post in RawWebhookPost.objects.exclude(reason="").iterator(chunk_size=10):
        text = bytes(post.body).decode(errors="replace").lower()
        # We cannot search for an escaped address such as `\u0061na@…`, so we delete such a post to be safe.
        if "\\u" in text or any(spelling in text for spelling in spellings):
            post.delete()


@receiver(exporting)
def events_about(subscriber: Subscriber, **_signal: Any) -> dict[str, Any]:
    """Return a person's events for their export: what was reported about emails to them."""
    events = (
        Event.objects.filter(
            recipient__in=Recipient.objects.filter(subscriber=subscriber),
            mailing=F("recipient__batch__mailing"),
        )
        .select_related("mailing__issue__publication", "link")
        .order_by("at", "pk")
    )
    return {
        "reports": [
            {
                "email": str(event.mailing.issue) if event.mailing else "",
                "what": event.get_kind_display(),
                "at": event.at.isoformat(),
                "link": event.link.url if event.link else None,
            }
            for event in events
        ]
    }
