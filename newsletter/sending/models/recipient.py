"""One person in one mailing, and the outcome."""

from django.db import models

from newsletter.issues.models import Issue
from newsletter.sending.models.batch import Batch
from newsletter.sending.models.mailing import Mailing
from subscribers.models import Subscriber


class Recipient(models.Model):
    """One subscriber in one mailing, and the outcome; also waiting while its batch is posting.

    The variant is that of the batch. `issue` is set if the purpose of the mailing is the issue, and empty for every
    other purpose: nobody receives an issue twice, through whichever mailing, and nobody is in any mailing twice. Each
    row is in one of the two unique indexes, so that very large mailings only pay for one.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        SKIPPED = "skipped", "Skipped"
        REJECTED = "rejected", "Rejected"
        UNKNOWN = "unknown", "Unknown"

    class RejectedFor(models.TextChoices):
        PERSON = "person", "The recipient's own address or data"

    # The constraints and the index below serve these three keys, so that none needs a separate index.
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="+", db_index=False)
    issue = models.ForeignKey(
        Issue, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    rejected_for = models.CharField(
        max_length=20,
        choices=RejectedFor,
        blank=True,
        default="",
        db_default="",
        help_text=(
            "What about the recipient caused the rejection. If empty, the recipient was not rejected, or "
            "something else caused it."
        ),
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("issue", "subscriber"),
                condition=models.Q(issue__isnull=False),
                name="issue_once_a_subscriber",
            ),
            models.UniqueConstraint(
                fields=("mailing", "subscriber"),
                condition=models.Q(issue__isnull=True),
                name="mailing_once_a_subscriber",
            ),
        )
        indexes = (models.Index(fields=("batch", "state"), name="recipient_batch_state"),)

    def __str__(self) -> str:
        return f"Recipient {self.pk}"


class NoSuchMailbox(models.Model):
    """A mail server said at once that a mailbox does not exist. Tracking processes the row and deletes it."""

    recipient = models.OneToOneField(Recipient, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=20, help_text='The status code from the server, such as "5.1.1".')
    said_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "no such mailboxes"

    def __str__(self) -> str:
        return f"Recipient {self.recipient_id}: {self.code}"
