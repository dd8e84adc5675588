"""What somebody approved."""

from django.db import models

from newsletter.issues.models.issue import Issue


class Approval(models.Model):
    """What somebody approved: the emails of an issue at that time, frozen with one digest.

    An issue has at most one approval that was not withdrawn. `emails` holds every variant (rendering/email_set.py), and
    `digest` is the digest of the whole set. `audience` is the rule that decides who receives them
    (look_up_audience.py). `blocks` are those of the issue at that time (approved_blocks.py). Older approvals have none.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="approvals")
    emails = models.JSONField()
    digest = models.CharField(max_length=64)
    day = models.DateField(help_text="The date shown in the email, in the publication's time zone.")
    audience = models.JSONField(
        null=True, blank=True, help_text="The complete audience that was approved with the emails."
    )
    blocks = models.JSONField(null=True, blank=True)
    approved_by = models.CharField(max_length=150)
    account = models.BigIntegerField(
        null=True, blank=True, help_text="The approver's account number, if they were logged in."
    )
    approved_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("issue",), condition=models.Q(withdrawn_at=None), name="one_approval_stands"
            ),
        )

    def __str__(self) -> str:
        return f"{self.issue}, approved by {self.approved_by}"
