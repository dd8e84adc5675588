"""What providers and servers reported about mailings. An event does not contain a reader's address, network or program:
once a person is erased, their events still count but identify nobody.
"""

from django.db import models
from django.utils import timezone

from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.models import List


class RawWebhookPost(models.Model):
    """A webhook post that is waiting as a row (see webhook_inbox.py), or one that we could not read, with the reason.

    It contains addresses: a processed post is deleted, and a post that was set aside is deleted after some time or when
    the person is erased.
    """

    body = models.BinaryField()
    received_at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(
        blank=True,
        help_text="Why we could not process this post. If empty, the post has not been processed yet.",
    )

    def __str__(self) -> str:
        return f"Webhook post {self.pk}"


class Link(models.Model):
    """A URL that people clicked, without personal data."""

    url = models.CharField(max_length=1_000, unique=True)

    def __str__(self) -> str:
        return self.url


class Event(models.Model):
    """One event from the provider, stored once however often it was reported."""

    class Kind(models.TextChoices):
        PROCESSED = "processed", "Accepted by the provider"
        DELIVERED = "delivered", "Delivered"
        DEFERRED = "deferred", "Deferred (the provider will try again)"
        BOUNCED = "bounced", "Bounced permanently"
        BLOCKED = "blocked", "Rejected temporarily"
        DROPPED = "dropped", "Dropped by the provider"
        OPENED = "opened", "Opened"
        MACHINE_OPENED = "machine opened", "Opened by a machine"
        CLICKED = "clicked", "Clicked"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed through the provider"
        COMPLAINED = "complained", "Marked as spam"
        OTHER = "other", "Other"

    # The first constraint below is an index that begins with the mailing; nothing is looked up by link alone.
    mailing = models.ForeignKey(
        Mailing, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    recipient = models.ForeignKey(
        Recipient,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        help_text=(
            "If an event has a mailing but no recipient, the person is not a recipient of that mailing."
        ),
    )
    kind = models.CharField(max_length=20, choices=Kind)
    detail = models.CharField(
        max_length=100,
        blank=True,
        help_text="Details, such as the reason for a bounce or the name of an unknown event.",
    )
    link = models.ForeignKey(Link, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    provider_id = models.CharField(max_length=100, null=True)
    fingerprint = models.BinaryField(
        max_length=16,
        unique=True,
        help_text="A key that is the same for two reports of the same event.",
    )

    class Meta:
        constraints = (
            # The provider's IDs are random. Behind the person, they are in pages that an event changes anyway, because
            # this is also the index of statistics.
            models.UniqueConstraint(
                fields=("mailing", "recipient", "kind", "provider_id"), name="event_of_person_once"
            ),
            models.UniqueConstraint(
                fields=("provider_id",),
                condition=models.Q(recipient__isnull=True),
                name="event_of_nobody_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"


class BatchArrival(models.Model):
    """The provider reported on an attempt of a batch, so that request arrived, even if its response was lost."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+", db_index=False)
    attempt = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "attempt"), name="arrival_once"),)

    def __str__(self) -> str:
        return f"Batch {self.batch_id} was sent (attempt {self.attempt})"


class BounceFolder(models.Model):
    """How far a folder of an IMAP server was read, so that messages left in it are not read again."""

    name = models.CharField(max_length=300, unique=True)
    validity = models.BigIntegerField(
        default=0,
        help_text="IMAP’s UIDVALIDITY. If this number changes, the server has numbered its messages again.",
    )
    last_number = models.BigIntegerField(default=0, help_text="UID of the last message that we have read.")
    trying = models.BigIntegerField(default=0, help_text="UID of the message that we are reading.")
    tries = models.PositiveIntegerField(
        default=0, help_text="How many times we have started to read that message."
    )

    def __str__(self) -> str:
        return self.name


class MailingMonitor(models.Model):
    """Counts reports as they come in, so that we notice at once if there are more than a mailing has recipients."""

    mailing = models.OneToOneField(Mailing, on_delete=models.CASCADE, related_name="monitor")
    processed = models.PositiveIntegerField(
        default=0, help_text="Number of emails that the provider has accepted."
    )
    strangers = models.PositiveIntegerField(
        default=0, help_text="Number of events about people who are not recipients of the mailing."
    )
    bounced = models.PositiveIntegerField(default=0, help_text="Number of emails that bounced permanently.")
    complained = models.PositiveIntegerField(
        default=0, help_text="Number of times that the email was marked as spam."
    )
    alarm = models.TextField(blank=True, help_text="What is wrong with the mailing, and what to do about it.")
    alarmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Figures that we watch for {self.mailing}"


class StoredFigures(models.Model):
    """The figures of a mailing, or the growth of a list, counted by the scheduler: pages must not count a million rows.

    `document` is a JSON object of mailing_report.py or list_growth.py.
    """

    mailing = models.OneToOneField(Mailing, on_delete=models.CASCADE, null=True, related_name="+")
    list = models.OneToOneField(List, on_delete=models.CASCADE, null=True, related_name="+")
    document = models.JSONField(default=dict)
    counted_at = models.DateTimeField()
    not_before = models.DateTimeField(help_text="When the figures can be counted again.")
    is_stale = models.BooleanField(
        default=False, help_text="Whether events have come in since the figures were counted."
    )

    def __str__(self) -> str:
        return f"Figures counted at {self.counted_at:%Y-%m-%d %H:%M:%S}"
