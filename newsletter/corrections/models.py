"""An email about a correction, and the mailings that send it."""

from django.db import models

from newsletter.articles.models import Correction
from newsletter.issues.models import Issue, Publication
from newsletter.sending.models import Mailing


class CorrectionNotice(models.Model):
    """An email about a correction to those whom one publication sent the article: approved, sent later, or sent.

    `emails` are for the publication’s list. `other_emails` are for lists that it used before, by the list’s number. All
    are frozen with `digest` when somebody approves them, as those of an issue are. `issue` is the latest issue with the
    article. `due_at` of a blocked one is when it was blocked. `left_out` has the number of people who received the
    article but not this email, by reason, as it was when the mailings were planned.
    """

    class State(models.TextChoices):
        APPROVED = "approved", "Approved"
        SCHEDULED = "scheduled", "Sending soon"
        PLANNED = "planned", "Sending"
        BLOCKED = "blocked", "Blocked"

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="notices")
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="+")
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.APPROVED)
    emails = models.JSONField()
    other_emails = models.JSONField(default=dict, blank=True, db_default={})
    digest = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=150)
    account = models.BigIntegerField(
        null=True, blank=True, help_text="The approver's account number, if they were logged in."
    )
    approved_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the undo window ends.")
    sent_by = models.CharField(max_length=150, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    left_out = models.JSONField(default=dict, blank=True)
    blocked_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("correction", "publication"), name="correction_notice_once"),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="correction_notice_due"),)

    def __str__(self) -> str:
        return f"Correction {self.correction_id} for {self.publication.name}"

    @property
    def state_predicate(self) -> str:
        """Return the rest of a sentence about this email's state, such as “is being sent”."""
        predicates = {self.State.SCHEDULED: "is about to be sent", self.State.PLANNED: "is being sent"}
        return predicates.get(self.State(self.state), f"is {self.state}")


class NoticeMailing(models.Model):
    """One of the mailings that send an email about a correction: one for each list of its readers."""

    notice = models.ForeignKey(CorrectionNotice, on_delete=models.PROTECT, related_name="sent_as")
    mailing = models.OneToOneField(Mailing, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Mailing {self.mailing_id}"
