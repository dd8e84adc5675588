"""Why somebody did not approve an issue."""

from django.db import models

from newsletter.issues.models.issue import Issue


class ApprovalRefusal(models.Model):
    """An approver's reason not to approve an issue. It is open until somebody asks for approval again, or approves."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="refusals")
    reason = models.TextField()
    refused_by = models.CharField(max_length=150)
    account = models.BigIntegerField(null=True, blank=True)
    refused_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("issue",), condition=models.Q(closed_at=None), name="one_refusal_stands"
            ),
        )

    def __str__(self) -> str:
        return f"{self.issue}, refused by {self.refused_by}"
