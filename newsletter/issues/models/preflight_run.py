"""What the checks before approval found in the email of an issue."""

from django.db import models

from newsletter.issues.models.issue import Issue


class PreflightRun(models.Model):
    """What the checks found in the emails with this digest. An approval of these emails reads only this row.

    `findings` are in the form of preflight/finding.py, each with the reason of the approver who overruled it, if
    somebody did. `errors` counts those errors that nobody overruled.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="preflight_runs")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    findings = models.JSONField(default=list)
    errors = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("issue", "digest"), name="one_preflight_run_an_email"),
        )

    def __str__(self) -> str:
        return f"Checks of {self.issue}"
