"""A person's part in what came back: given to them on request, and forgotten with them.

Events hold nothing of a person but the number of the ledger's row, which erasure cuts off. Only posts that could not
be read may still hold an address: those that mention it go.
"""

from typing import Any

from django.db.models import F
from django.dispatch import receiver

from newsletter.sending.models import Recipient
from newsletter.tracking import webhook_spool
from newsletter.tracking.keep_unsubscribes import keep_unsubscribes
from newsletter.tracking.models import Event, RawWebhookPost
from subscribers.models import Subscriber
from subscribers.signals import exporting, forgetting


@receiver(forgetting)
def forget(subscriber: Subscriber, **_signal: Any) -> None:
    """Delete what was set aside and mentions the person. What still waits is folded, and deleted, in moments.

    Which mailings they left after is kept as a number that leads to nobody, so that figures do not fall.
    """
    keep_unsubscribes(subscriber)
    webhook_spool.sweep()
    spellings = {subscriber.address.lower(), subscriber.address_key.lower()}
    for post in RawWebhookPost.objects.exclude(reason="").iterator(chunk_size=10):
        text = bytes(post.body).decode(errors="replace").lower()
        # Escaped, as `\u0061na@…`, an address cannot be searched for: such a post goes to be sure.
        if "\\u" in text or any(spelling in text for spelling in spellings):
            post.delete()


@receiver(exporting)
def events_about(subscriber: Subscriber, **_signal: Any) -> dict[str, Any]:
    """The person's part of an export: what was reported about letters to them."""
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
