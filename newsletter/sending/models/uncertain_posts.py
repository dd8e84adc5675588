"""Posts whose fate was learnt late: without a trace, or accepted after we had given them up."""

from django.db import models

from newsletter.sending.models.batch import Batch
from newsletter.sending.models.recipient import Recipient


class UntracedPost(models.Model):
    """A post without a trace, whose recipients went back to waiting. We look for it again for some hours."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+", db_index=False)
    attempt = models.PositiveIntegerField()
    recipients = models.JSONField(help_text="The IDs of the recipients.")
    posted_at = models.DateTimeField()
    untraced_at = models.DateTimeField()
    is_over = models.BooleanField(default=False, help_text="Whether we no longer look for this request.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "attempt"), name="untraced_post_once"),)

    def __str__(self) -> str:
        return f"Attempt {self.attempt} of batch {self.batch_id}, which the provider has no record of"


class EarlierAcceptance(models.Model):
    """A recipient was accepted by a post that we had given up before making a newer one for the same person."""

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    attempt = models.PositiveIntegerField()
    is_duplicate = models.BooleanField(
        default=False, help_text="Whether a newer request for this person was also accepted."
    )
    found_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("recipient", "batch", "attempt"), name="earlier_acceptance_once"),
        )

    def __str__(self) -> str:
        return f"Recipient {self.recipient_id} in attempt {self.attempt} of batch {self.batch_id}"
