"""A person on a list."""

from django.db import models
from django.utils import timezone

from subscribers.models.basis import Basis
from subscribers.models.link_nonce import new_link_nonce
from subscribers.models.mailing_list import List, Topic
from subscribers.models.subscriber import Subscriber
from subscribers.models.subscription_source import SourceKind


class Subscription(models.Model):
    """A subscriber on a list.

    An active subscription is never of a suppressed address: suppressing makes it unsubscribed. It is mailed
    when `paused_until` is empty or reached. No topics means every topic.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        ACTIVE = "active", "Active"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="subscriptions", db_index=False
    )
    list = models.ForeignKey(List, on_delete=models.PROTECT, related_name="subscriptions", db_index=False)
    topics = models.ManyToManyField(Topic, blank=True, related_name="subscriptions")
    state = models.CharField(max_length=20, choices=State)
    source = models.CharField(max_length=20, choices=SourceKind, default=SourceKind.EDITOR)
    basis = models.CharField(
        max_length=20,
        choices=Basis,
        default=Basis.CONSENT,
        db_default=Basis.CONSENT,
        help_text="The lawful basis on which the person gets emails from this list.",
    )
    joined_at = models.DateTimeField(
        default=timezone.now,
        help_text="When the person signed up or, if the subscription is active, when it became active.",
    )
    left_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateField(
        null=True, blank=True, help_text="The person gets no emails before this day."
    )
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When the person asked to subscribe, if they have not confirmed yet."
    )
    confirmations_sent = models.PositiveSmallIntegerField(default=0)
    link_nonce = models.BigIntegerField(default=new_link_nonce, editable=False)

    class Meta:
        # Each foreign key is the first column of one of these.
        constraints = (models.UniqueConstraint(fields=("subscriber", "list"), name="subscriber_once_a_list"),)
        indexes = (
            models.Index(fields=("list", "state"), name="subscription_list_state"),
            models.Index(fields=("list", "joined_at"), name="subscription_joined"),
            # For the few who have paused, among a great many who have not.
            models.Index(
                fields=("list", "state", "paused_until"),
                condition=models.Q(paused_until__isnull=False),
                name="subscription_paused",
            ),
            # For the lists on which anybody has another basis, and for those people.
            models.Index(
                fields=("list", "basis"),
                condition=~models.Q(basis=Basis.CONSENT),
                name="subscription_other_basis",
            ),
        )

    def __str__(self) -> str:
        return f"Subscription {self.pk}"
