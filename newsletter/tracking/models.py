"""What came back about a mailing. No address, network or program of a reader is kept in an event: once a person is
erased, their events still count and tell nothing.
"""

from django.db import models
from django.utils import timezone

from newsletter.sending.models import Batch, Mailing, Recipient


class RawWebhookPost(models.Model):
    """A post of the provider that waits as a row (see webhook_inbox.py); or what could not be read, with the reason.

    It holds addresses: what is folded is deleted, what was set aside goes with its age or with the person's erasure.
    """

    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(blank=True, help_text="Why it was set aside; empty: it waits to be folded.")

    def __str__(self) -> str:
        return f"Post {self.pk}"


class Link(models.Model):
    """An address that people clicked, without what is personal in it."""

    url = models.CharField(max_length=1_000, unique=True)

    def __str__(self) -> str:
        return self.url


class Event(models.Model):
    """One thing that the provider reported, once, however often it was reported."""

    class Kind(models.TextChoices):
        PROCESSED = "processed", "Taken by the provider"
        DELIVERED = "delivered", "Delivered"
        DEFERRED = "deferred", "Deferred: the provider tries again"
        BOUNCED = "bounced", "Bounced for good"
        BLOCKED = "blocked", "Turned away for now"
        DROPPED = "dropped", "Not sent by the provider"
        OPENED = "opened", "Opened"
        MACHINE_OPENED = "machine opened", "Opened by a machine"
        CLICKED = "clicked", "Clicked"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed at the provider"
        COMPLAINED = "complained", "Marked as spam"
        OTHER = "other", "Something else"

    # The index below begins with the mailing; nothing is looked up by link alone.
    mailing = models.ForeignKey(
        Mailing, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    recipient = models.ForeignKey(
        Recipient,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        help_text="Empty with a mailing: somebody whom that mailing does not know.",
    )
    kind = models.CharField(max_length=20, choices=Kind)
    detail = models.CharField(
        max_length=100, blank=True, help_text="The class of a bounce, the reason of a drop, an unknown name."
    )
    link = models.ForeignKey(Link, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    provider_id = models.CharField(max_length=100, null=True, unique=True)
    fingerprint = models.BinaryField(
        max_length=16, unique=True, help_text="A keyed digest of what makes two reports the same."
    )

    class Meta:
        indexes = (models.Index(fields=("mailing", "recipient", "kind"), name="event_mailing_people"),)

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"


class BatchArrival(models.Model):
    """The provider reported about an attempt of a batch: so that request arrived, whatever answer was lost."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+", db_index=False)
    attempt = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "attempt"), name="arrival_once"),)

    def __str__(self) -> str:
        return f"Arrival of batch {self.batch_id}, attempt {self.attempt}"


class BounceFolder(models.Model):
    """How far a folder of an IMAP server was read: what is left in it is not read again."""

    name = models.CharField(max_length=300, unique=True)
    validity = models.BigIntegerField(
        default=0, help_text="UIDVALIDITY: another one, and the server numbered its messages again."
    )
    last_number = models.BigIntegerField(
        default=0, help_text="The UID of the last message that was looked at."
    )
    trying = models.BigIntegerField(default=0, help_text="The UID of the message that is being read.")
    tries = models.PositiveIntegerField(default=0, help_text="How often that one was begun.")

    def __str__(self) -> str:
        return self.name


class MailingMonitor(models.Model):
    """What is counted as it comes in, to see at once when more is reported for a mailing than was planned."""

    mailing = models.OneToOneField(Mailing, on_delete=models.CASCADE, related_name="monitor")
    processed = models.PositiveIntegerField(default=0, help_text="Letters that the provider took.")
    strangers = models.PositiveIntegerField(
        default=0, help_text="Events of people whom the mailing does not know."
    )
    bounced = models.PositiveIntegerField(default=0, help_text="Bounces for good.")
    complained = models.PositiveIntegerField(default=0, help_text="Marked as spam.")
    alarm = models.TextField(blank=True, help_text="What is wrong, and what to do.")
    alarmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Watch over {self.mailing}"
