"""Emails of this app that are still to be sent."""

from django.db import models
from django.utils import timezone

from subscribers.models.subscription import Subscription


class QueuedMail(models.Model):
    """An email of this app that is still to be sent: see confirmation_mails.py. The row is deleted when it is
    sent.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", "Confirm"
        ALREADY = "already", "Already subscribed"
        NEW_ADDRESS = "new-address", "Confirm a new address"
        ADDRESS_NOTICE = "address-notice", "Notice of a new address"

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="queued_mails")
    kind = models.CharField(max_length=20, choices=Kind)
    recipient = models.CharField(
        max_length=320,
        blank=True,
        help_text="The address, if it stays the same when the person changes theirs.",
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(
        default=0, help_text="How many times we may have sent the whole email without getting a response."
    )

    def __str__(self) -> str:
        return f"Queued email {self.pk} ({self.kind})"
