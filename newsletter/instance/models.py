"""Where this database lives, and when what runs beside the web last gave a sign."""

from django.db import models


class Instance(models.Model):
    """Where this database is at home: only there it sends. One row (see guard.py); none in a new database."""

    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Empty: nowhere, until somebody says so."
    )
    label = models.CharField(max_length=300, blank=True, help_text="The place, for a person.")
    serial = models.PositiveBigIntegerField(default=0, help_text="Raised once a minute while a clock runs.")
    counted_at = models.DateTimeField(help_text="When it was last raised.")
    adopted_by = models.CharField(max_length=150, blank=True)
    adopted_at = models.DateTimeField()
    quarantine = models.TextField(blank=True, help_text="Why nothing goes until an administrator decides.")
    quarantined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="instance_once"),)

    def __str__(self) -> str:
        return self.label or "nowhere"


class Heartbeat(models.Model):
    """When something that runs beside the web last gave a sign."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
