"""Adds the emails sent to a person to their own export. Erasing the person disconnects them from these rows."""

from typing import Any

from django.dispatch import receiver

from newsletter.sending.models import Recipient
from subscribers.models import Subscriber
from subscribers.signals import exporting


@receiver(exporting)
def emails_to(subscriber: Subscriber, **_signal: Any) -> dict[str, Any]:
    """Return the emails that a person was sent or is to be sent, oldest first, for their export."""
    rows = Recipient.objects.filter(subscriber=subscriber).select_related(
        "mailing__issue__publication", "mailing__mailing_list", "batch__variant"
    )
    return {
        "emails": [
            {
                "at": (each.batch.answered_at or each.batch.posted_at or each.mailing.planned_at).isoformat(),
                "email": each.mailing.email_name,
                "subject": each.batch.variant.subject or _subject(each),
                "list": each.mailing.mailing_list.name,
                "outcome": each.state,
                "reason": each.reason,
            }
            for each in rows.order_by("pk")
        ]
    }


def _subject(recipient: Recipient) -> str:
    """Return the subject of what somebody was sent: that of the issue, or of an email with another purpose."""
    mailing = recipient.mailing
    if mailing.sends_the_issue:
        return mailing.issue.subject
    return str(recipient.batch.variant.email.get("subject", ""))
