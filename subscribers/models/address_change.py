"""A change of address that waits until the owner of the new mailbox confirms it."""

from django.db import models
from django.utils import timezone

from subscribers.models.link_nonce import new_link_nonce
from subscribers.models.subscriber import Subscriber


class AddressChange(models.Model):
    """The new address that a person asked for. The row is deleted when the change is cancelled or its link expires.

    A confirmed change is kept as long as its link, so that a second click shows what happened. Asking again replaces
    the row, so that only the newest link works.
    """

    subscriber = models.OneToOneField(Subscriber, on_delete=models.CASCADE, related_name="address_change")
    address = models.CharField(max_length=320)
    address_key = models.CharField(max_length=320, db_index=True)
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    link_nonce = models.BigIntegerField(default=new_link_nonce, editable=False)

    def __str__(self) -> str:
        return f"Change of address for subscriber {self.subscriber_id}"
