"""Repeated work that keeps failing."""

from django.db import models


class FailingWork(models.Model):
    """Work that a process repeats and that has failed so often that people should know."""

    name = models.CharField(
        max_length=150, unique=True, help_text="The work that failed, and the machine it runs on."
    )
    since = models.DateTimeField()
    failed_at = models.DateTimeField(help_text="When the work last failed.")
    times = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300)
    recovered_at = models.DateTimeField(
        null=True, blank=True, help_text="When the work first succeeded after it had failed."
    )

    class Meta:
        verbose_name_plural = "failing work"

    def __str__(self) -> str:
        return self.name
