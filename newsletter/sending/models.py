"""The ledger: a mailing, its batches, and what became of every recipient."""

from django.db import models

from newsletter.issues.models import Issue
from subscribers.models import Subscriber


class Mailing(models.Model):
    """One sending of a letter to a frozen audience."""

    class State(models.TextChoices):
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"
        SENT = "sent", "Sent"

    issue = models.OneToOneField(Issue, on_delete=models.PROTECT, related_name="mailing")
    state = models.CharField(max_length=20, choices=State, default=State.SENDING)
    pause_reason = models.TextField(blank=True)
    letter = models.JSONField()
    letter_digest = models.CharField(max_length=64)
    planned_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Mailing of {self.issue}"


class Batch(models.Model):
    """Up to 1,000 recipients that go in one request."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        POSTING = "posting", "Posting"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Unknown"

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="batches")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    message_id = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "batches"
        indexes = (models.Index(fields=("mailing", "state"), name="batch_mailing_state"),)

    def __str__(self) -> str:
        return f"Batch {self.pk}"


class Recipient(models.Model):
    """One subscriber in one mailing, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        SKIPPED = "skipped", "Skipped"
        REFUSED = "refused", "Refused"
        UNKNOWN = "unknown", "Unknown"

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="recipients")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issue", "subscriber"), name="issue_once_a_subscriber"),
        )
        indexes = (models.Index(fields=("batch", "state"), name="recipient_batch_state"),)

    def __str__(self) -> str:
        return f"Recipient {self.pk}"
