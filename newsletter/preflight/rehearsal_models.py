"""What came of the latest dress rehearsal of an issue, and the people whose email has a problem."""

from django.db import models

from newsletter.issues.models import Issue
from subscribers.models import Subscriber


class Rehearsal(models.Model):
    """The latest dress rehearsal of an issue. A new one replaces it.

    The result is about the emails with this digest, this audience and this transport. `variant` and `after` say how far
    a job is that was interrupted: which variant of the email, and the last person who has been reached.
    """

    issue = models.OneToOneField(Issue, on_delete=models.CASCADE, related_name="rehearsal")
    job = models.BigIntegerField(help_text="The number of the background job.")
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When everybody had been reached.")
    digest = models.CharField(max_length=64, blank=True)
    audience = models.CharField(max_length=64, blank=True)
    transport = models.CharField(max_length=20, blank=True)
    variant = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    people = models.PositiveBigIntegerField(default=0, help_text="The people in the audience.")
    built = models.PositiveBigIntegerField(default=0, help_text="The emails that were built.")
    left_out = models.PositiveBigIntegerField(
        default=0, help_text="People in the audience who may no longer be emailed."
    )
    nameless = models.PositiveBigIntegerField(
        default=0, help_text="People without a first name, whose email says something else instead."
    )
    largest = models.PositiveBigIntegerField(default=0, help_text="The bytes of the largest HTML.")
    problems = models.JSONField(default=dict, help_text="The number of people with each kind of problem.")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Rehearsal of {self.issue}"


class RehearsalProblem(models.Model):
    """Somebody whose email has a problem. Of each kind, only the first people are named."""

    class Kind(models.TextChoices):
        REFUSED = "refused", "Would not be sent"
        UNFILLED = "unfilled", "A field is empty"
        HEADER = "header", "A header is broken"
        SIZE = "size", "Too large for Gmail"
        LANGUAGE = "language", "In another language"

    rehearsal = models.ForeignKey(
        Rehearsal, on_delete=models.CASCADE, related_name="named_people", db_index=False
    )
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    sentence = models.CharField(max_length=300)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("rehearsal", "kind", "id"), name="rehearsal_problems_by_kind"),)

    def __str__(self) -> str:
        return f"{self.rehearsal_id}: {self.kind}"
