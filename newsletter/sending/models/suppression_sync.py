"""How far SendGrid’s suppression lists were copied."""

from django.db import models


class SuppressionSync(models.Model):
    """The time until which one of SendGrid's suppression lists was pulled."""

    kind = models.CharField(max_length=40, unique=True)
    until = models.DateTimeField(help_text="We have copied all entries made before this time.")
    pulled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} until {self.until:%Y-%m-%d %H:%M}"
