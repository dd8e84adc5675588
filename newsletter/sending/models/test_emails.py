"""Test emails: who gets them, and what came of each request."""

from django.db import models

from newsletter.issues.models import Issue, Publication


class ProofGroup(models.Model):
    """Colleagues who get the test emails of a publication, under a name that editors choose."""

    # The constraint below serves this key.
    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, related_name="proof_groups", db_index=False
    )
    name = models.CharField(max_length=80)
    addresses = models.JSONField(default=list)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("publication", "name"), name="proof_group_name_once"),)

    def __str__(self) -> str:
        return self.name


class TestRequest(models.Model):
    """One press of “Send test”: a form that arrives twice has the same key, and its test emails are sent once.

    `results` has what came of each email, and is empty while they are being sent. Rows are deleted after a day.
    """

    __test__ = False

    key = models.UUIDField(unique=True)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="Hash of all variants of the email that was tested.")
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField()
    results = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Test emails for {self.issue}"
