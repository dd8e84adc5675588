"""One person at one address."""

from django.db import models
from django.utils import timezone

from subscribers.models.link_nonce import new_link_nonce


class Subscriber(models.Model):
    """One person at one address. `address_key` is the folded address: one person has it once."""

    address = models.CharField(max_length=320)
    address_key = models.CharField(max_length=320, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    locale = models.CharField(max_length=35, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    own_fields = models.CharField(
        max_length=80,
        blank=True,
        editable=False,
        help_text="Names of the fields above that the person filled in themselves. Imports and editors do "
        "not overwrite these fields.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    link_nonce = models.BigIntegerField(default=new_link_nonce, editable=False)

    def __str__(self) -> str:
        return f"Subscriber {self.pk}"
