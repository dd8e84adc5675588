"""How much was sent in an hour and on a day, which the limits count."""

from django.db import models


class SendRecord(models.Model):
    """How many recipients were sent to at a moment: what the rates count, stored for some hours."""

    at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.count} at {self.at:%H:%M:%S}"


class SendingDay(models.Model):
    """How many recipients were sent to on a day in UTC: what a warm-up counts."""

    day = models.DateField(unique=True)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"
