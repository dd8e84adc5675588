"""Batches: recipients who are sent to together."""

from django.db import models

from newsletter.sending.models.mailing import Mailing
from newsletter.sending.models.variant import Variant


class Batch(models.Model):
    """Up to 1,000 recipients of one variant who are sent to together.

    All of them get the same email. At most one request of a batch can ever have arrived.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        POSTING = "posting", "Posting"
        UNKNOWN = "unknown", "Unknown"
        ANSWERED = "answered", "Answered"

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="batches")
    variant = models.ForeignKey(Variant, on_delete=models.RESTRICT, related_name="batches")
    number = models.PositiveIntegerField(help_text="Position in the mailing, counted from 1.")
    first = models.BooleanField(
        default=False, help_text="Whether this batch is sent first, as part of the canary batch."
    )
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    send_window = models.CharField(
        max_length=64,
        blank=True,
        help_text="The time zone of these readers, if the issue is sent at each reader's local time.",
    )
    rejected_in = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The number of the batch in which these recipients were first rejected.",
    )
    rejected = models.BooleanField(
        default=False,
        help_text=(
            "Whether the request was rejected without naming a recipient. If so, we will split the batch "
            "in half to find the cause."
        ),
    )
    halvings = models.PositiveSmallIntegerField(
        default=0, help_text="How many times a batch was split in half to get to these recipients."
    )
    other_half = models.PositiveIntegerField(
        null=True, blank=True, help_text="The number of the batch that contains the other half."
    )
    both_rejected = models.PositiveSmallIntegerField(
        default=0, help_text="How many times in a row both halves were rejected."
    )
    owner = models.CharField(max_length=64, blank=True, help_text="The ID of the process sending the batch.")
    current_recipient = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="The ID of the recipient whose message was started last, if each recipient gets a "
        "separate message. 0 means that no message was started. If empty, the whole batch is "
        "sent in one request.",
    )
    boot = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="The boot ID of the machine that is sending the batch.",
    )
    deferrals = models.PositiveIntegerField(
        default=0,
        help_text="How many times the server asked us to try these recipients again later.",
    )
    deferred_since = models.DateTimeField(
        null=True, blank=True, help_text="When these recipients were first deferred."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    untraced_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text=(
            "When the provider first told us that it had no record of the last request, according to the "
            "provider's clock."
        ),
    )
    message_id = models.CharField(max_length=200, blank=True, help_text="The message ID from the transport.")
    reason = models.TextField(blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "batches"
        ordering = ("mailing", "number")
        constraints = (models.UniqueConstraint(fields=("mailing", "number"), name="batch_number_once"),)
        indexes = (models.Index(fields=("state", "mailing", "number"), name="batch_state_mailing"),)

    def __str__(self) -> str:
        return f"Batch {self.number} of mailing {self.mailing_id}"
