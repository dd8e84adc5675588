"""The location from which this database may send, and the heartbeats of background processes."""

from django.db import models


class Instance(models.Model):
    """The only location from which this database may send. There is one row (see guard.py), or none if it is new."""

    fingerprint = models.CharField(
        max_length=64,
        blank=True,
        help_text=(
            "Identifies the installation that can send. If empty, no installation can send until an "
            "administrator allows it."
        ),
    )
    label = models.CharField(
        max_length=300, blank=True, help_text="Description of the installation that can send."
    )
    serial = models.PositiveBigIntegerField(
        default=0, help_text="A number that increases by 1 every minute while the scheduler is running."
    )
    counted_at = models.DateTimeField(help_text="When this number last increased.")
    adopted_by = models.CharField(max_length=150, blank=True)
    adopted_at = models.DateTimeField()
    quarantine = models.TextField(
        blank=True, help_text="Reason why no emails are sent until an administrator decides."
    )
    unknown_refusals = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text=(
            "What we do not know about people who unsubscribed, complained or were erased after the "
            "restored backup was made. Empty if we know everything."
        ),
    )
    quarantined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="instance_once"),)

    def __str__(self) -> str:
        return self.label or "nowhere"


class Heartbeat(models.Model):
    """When a background process was last alive."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
