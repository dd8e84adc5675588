"""What an issue was like after each change, so that editors can compare and restore."""

from django.db import models

from newsletter.issues.models import Issue


class IssueVersion(models.Model):
    """An issue as it was after one change, with who made the change. See issue_versions.py for what a snapshot holds.

    Numbers count from 1 within an issue. `typing` names the field if the change was saved while somebody typed: later
    saves of the same typing replace the snapshot and `at`, and `begun_at` stays.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    begun_at = models.DateTimeField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)
    account = models.BigIntegerField(null=True, blank=True)
    sentence = models.TextField()
    typing = models.CharField(max_length=80, blank=True)
    snapshot = models.JSONField()

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("issue", "number"), name="issue_version_once"),)

    def __str__(self) -> str:
        return f"{self.issue}, version {self.number}"
