"""What was changed on the web page of an issue after the issue was sent. The stored email itself never changes."""

from django.db import models

from newsletter.issues.models import Issue


class WebPageChange(models.Model):
    """A correction of an issue's web page, or its withdrawal. An undone change stays as a record."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Corrected"
        WITHDRAWAL = "withdrawal", "Withdrawn"

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="web_page_changes")
    kind = models.CharField(max_length=20, choices=Kind)
    note = models.TextField(help_text="What was changed, or why the page was withdrawn, for readers.")
    old_text = models.TextField(
        blank=True,
        default="",
        help_text="The words that are replaced. Empty for a note without a replacement.",
    )
    new_text = models.TextField(blank=True, default="")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    undone_by = models.CharField(max_length=150, blank=True, default="")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("issue",),
                condition=models.Q(kind="withdrawal", undone_at=None),
                name="web_page_withdrawn_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.issue}"
