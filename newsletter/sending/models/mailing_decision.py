"""Decisions about a mailing."""

from django.db import models

from newsletter.sending.models.batch import Batch
from newsletter.sending.models.mailing import Mailing


class Decision(models.Model):
    """A decision about a mailing, by a person or by evidence: who, when, what and why."""

    class Act(models.TextChoices):
        PLAN = "plan", "Planned"
        PAUSE = "pause", "Paused"
        RESUME = "resume", "Resumed"
        STOP = "stop", "Stopped"
        SETTLE = "settle", "Settled"
        RETRY = "retry", "Sent again to people who did not receive it"

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="decisions")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=20, choices=Act)
    decided_by = models.CharField(max_length=150, help_text="The person who decided, or the evidence used.")
    decided_at = models.DateTimeField()
    sentence = models.TextField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.sentence
