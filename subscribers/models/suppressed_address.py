"""Addresses that must not be mailed."""

from django.db import models
from django.utils import timezone

from subscribers.models.address_index import index_of_addresses
from subscribers.models.subscriber import Subscriber


class Suppression(models.Model):
    """An address that must not be mailed until this is lifted, known only by its digest (see suppression.py)."""

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard bounce", "Hard bounce"
        COMPLAINT = "complaint", "Complaint"
        LEFT_ALL = "left all", "Unsubscribed from all lists"
        ERASED = "erased", "Erased"
        MANUAL = "manual", "Manual"
        MOVED = "moved", "Changed to another address"
        FUNDRAISING = "fundraising", "Fundraising Preference Service"

    digest = models.CharField(max_length=64, db_index=True)
    key_id = models.CharField(max_length=16, help_text="ID of the key used to make the digest.")
    subscriber = models.ForeignKey(
        Subscriber,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text=(
            "The person with this address, so that a search can find suppressed people. Empty if we do "
            "not know the person."
        ),
    )
    former_address_of = models.ForeignKey(
        Subscriber,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="former_addresses",
        db_index=False,
        help_text=(
            "The person who used to have this address. If the person is erased, this address is "
            "suppressed as erased too."
        ),
    )
    reason = models.CharField(max_length=20, choices=Reason)
    suppressed_at = models.DateTimeField(default=timezone.now)
    suppressed_by = models.CharField(max_length=200, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=200, blank=True)
    lifted_why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("digest", "reason"),
                condition=models.Q(lifted_at__isnull=True),
                name="suppression_in_force_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("key_id",),
                condition=models.Q(lifted_at__isnull=True),
                name="suppression_key_in_force",
            ),
            models.Index(
                fields=("subscriber",),
                condition=models.Q(subscriber__isnull=False),
                name="suppression_of_person",
            ),
            models.Index(
                fields=("former_address_of",),
                condition=models.Q(former_address_of__isnull=False),
                name="suppression_former_address",
            ),
            index_of_addresses("suppressed_by", "suppression_by_with_address"),
            index_of_addresses("lifted_by", "suppression_lifted_by_address"),
            index_of_addresses("lifted_why", "suppression_why_with_address"),
        )

    def __str__(self) -> str:
        return f"{self.reason} since {self.suppressed_at:%Y-%m-%d}"
