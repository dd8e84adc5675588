"""The plan of nightly backups, and the backups that the scheduler made."""

from django.db import models


class BackupPlan(models.Model):
    """Whether and when a backup is made every night, and how many are kept. There is at most one row."""

    nightly = models.BooleanField(default=False)
    hour = models.PositiveSmallIntegerField(default=3, help_text="From which hour of the day, by local time.")
    keep = models.PositiveSmallIntegerField(default=14, help_text="How many nightly backups to keep.")
    last_night = models.DateField(
        null=True, blank=True, help_text="The last day for which a backup was asked for."
    )

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="backup_plan_once"),)

    def __str__(self) -> str:
        return f"Every night at {self.hour}:00" if self.nightly else "No nightly backups"


class StoredBackup(models.Model):
    """A backup in the folder of backups: its file, whether it could be restored, and whether it was copied."""

    class Reason(models.TextChoices):
        NIGHTLY = "nightly", "Nightly"
        ASKED = "asked", "Made by hand"

    name = models.CharField(max_length=100, unique=True)
    machine = models.CharField(max_length=255, blank=True, help_text="The machine that has the file.")
    reason = models.CharField(max_length=20, choices=Reason)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField(db_index=True)
    bytes = models.BigIntegerField()
    tried_at = models.DateTimeField(null=True, blank=True, help_text="When it was last restored for a trial.")
    trial_error = models.TextField(blank=True, help_text="Why it could not be restored in that trial.")
    subscribers = models.BigIntegerField(default=0, help_text="How many subscribers the trial restored.")
    issues = models.BigIntegerField(default=0, help_text="How many issues the trial restored.")
    is_only_read = models.BooleanField(
        default=False, help_text="The trial read all of it, but could not restore it here."
    )
    copied_at = models.DateTimeField(null=True, blank=True)
    copy_error = models.TextField(blank=True, help_text="Why it could not be copied to somewhere else.")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
