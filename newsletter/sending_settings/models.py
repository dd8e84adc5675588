"""What an administrator chose in the desk about sending."""

from django.db import models


class SendingChoice(models.Model):
    """The settings of sending that were chosen in the desk, in one row. The environment takes precedence over them.

    `values` has the values by the names of newsletter/environment.py, `secrets` those that are secret, encrypted (see
    stored_secrets.py). `before` has both as they were before the last change, which can be undone. `version` counts the
    changes.
    """

    values = models.JSONField(default=dict)
    secrets = models.TextField(default="")
    before = models.JSONField(null=True)
    version = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField()
    account_changed_at = models.DateTimeField(
        null=True, help_text="When the SendGrid key or region was last replaced."
    )

    def __str__(self) -> str:
        return f"version {self.version} of the sending settings"
