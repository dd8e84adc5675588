"""How often something was done in a span of time."""

from django.db import models


class RateCounter(models.Model):
    """How often something was done in a span of time: see rate_limits.py. `key` is a digest, never an address."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.expires_at:%Y-%m-%d %H:%M}"
