"""Exports a person's events on request, and erases them with the person.

Events contain nothing about a person except the ID of the recipient row, which erasure disconnects from the person.
Only unreadable posts may still contain an address: those that mention it are deleted.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.dispatch import receiver

from newsletter.sending.models import Recipient
from newsletter.tracking import webhook_spool
from newsletter.tracking.keep_unsubscribes_on_erasure import keep_unsubscribes
from newsletter.tracking.models import Event, RawWebhookPost
from subscribers.database import portions
from subscribers.models import List, Subscriber
from subscribers.signals import History, asking_for_history, exporting, forgetting


@receiver(forgetting)
def forget(subscribers: Sequence[Subscriber], **_signal: Any) -> None:
    """Delete set-aside posts that mention the people. Waiting posts will be processed and deleted in moments.

    The mailings after which they unsubscribed are stored without their identity, so that the statistics do not drop.
    """
    mailed = set[int | None]()
    for some in portions(one.pk for one in subscribers):
        mailed.update(Recipient.objects.filter(subscriber__in=some).values_list("subscriber_id", flat=True))
    for subscriber in subscribers:
        if subscriber.pk in mailed:
            keep_unsubscribes(subscriber)
    webhook_spool.sweep()
    spellings = {text.lower() for one in subscribers for text in (one.address, one.address_key)}
    for post in RawWebhookPost.objects.exclude(reason="").iterator(chunk_size=10):
        text = bytes(post.body).decode(errors="replace").lower()
        # We cannot search for an escaped address such as `\u0061na@…`, so we delete such a post to be safe.
        if "\\u" in text or any(spelling in text for spelling in spellings):
            post.delete()


@receiver(asking_for_history)
def history_of(subscribers: Sequence[int], mailing_list: List, **_signal: Any) -> dict[int, History]:
    """Return who is in a mailing, also one that is being sent, and who clicked in an email of this list."""
    found = dict[int, History]()
    for some in portions(subscribers):
        rows = Recipient.objects.filter(subscriber__in=some).order_by()
        for number, its_list in rows.values_list("subscriber_id", "mailing__mailing_list_id").distinct():
            kind = History.MAILED if its_list == mailing_list.pk else History.KNOWN
            found[number] = max(kind, found.get(number, kind))
        clicks = Event.objects.filter(
            kind=Event.Kind.CLICKED,
            mailing=F("recipient__mailing"),
            mailing__mailing_list=mailing_list,
            recipient__in=rows,
        )
        found |= dict.fromkeys(clicks.values_list("recipient__subscriber_id", flat=True), History.CLICKED)
    return found


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
                "email": event.mailing.email_name if event.mailing else "",
                "what": event.get_kind_display(),
                "at": event.at.isoformat(),
                "link": event.link.url if event.link else None,
            }
            for event in events
        ]
    }
