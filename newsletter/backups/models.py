"""The plan of nightly backups, and the backups that the scheduler made."""

from django.db import models


class BackupPlan(models.Model):
    """Whether and when a backup is made every night, and how many are kept. There is at most one row."""

    nightly = models.BooleanField(default=False)
    hour = models.PositiveSmallIntegerField(
        default=3, help_text="The hour after which the backup is made, in local time."
    )
    keep = models.PositiveSmallIntegerField(default=14, help_text="How many nightly backups to keep.")
    last_night = models.DateField(
        null=True, blank=True, help_text="The last day for which the scheduler started a nightly backup."
    )

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="backup_plan_once"),)

    def __str__(self) -> str:
        return f"Every night at {self.hour}:00" if self.nightly else "No nightly backups"


class StoredBackup(models.Model):
    """A backup in the folder of backups: its file, whether it could be restored, and whether it was copied."""

    class Reason(models.TextChoices):
        NIGHTLY = "nightly", "Nightly"
        ASKED = "asked", "Made on request"

    name = models.CharField(max_length=100, unique=True)
    machine = models.CharField(max_length=255, blank=True, help_text="The machine where the file is stored.")
    reason = models.CharField(max_length=20, choices=Reason)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField(db_index=True)
    bytes = models.BigIntegerField()
    tried_at = models.DateTimeField(
        null=True, blank=True, help_text="When we last tested restoring the backup."
    )
    trial_error = models.TextField(blank=True, help_text="Why the test could not restore the backup.")
    subscribers = models.BigIntegerField(default=0, help_text="How many subscribers the test restored.")
    issues = models.BigIntegerField(default=0, help_text="How many issues the test restored.")
    is_only_read = models.BooleanField(
        default=False,
        help_text="The test could read the whole backup, but could not restore it on this machine.",
    )
    copied_at = models.DateTimeField(null=True, blank=True)
    copy_error = models.TextField(
        blank=True, help_text="Why the backup could not be copied to another place."
    )

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
