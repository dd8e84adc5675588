"""A person, the lists, and which person is on which list."""

from django.db import models


class Subscriber(models.Model):
    """One person at one address. `address_key` is the folded address: one person has it once."""

    address = models.CharField(max_length=320)
    address_key = models.CharField(max_length=320, unique=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    locale = models.CharField(max_length=35, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Subscriber {self.pk}"


class List(models.Model):
    """A list that people join."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=35, default="en-GB")
    double_opt_in = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """A subscriber on a list."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        ACTIVE = "active", "Active"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="subscriptions")
    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="subscriptions")
    state = models.CharField(max_length=20, choices=State)
    joined_at = models.DateTimeField()
    paused_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subscriber", "list"), name="subscriber_once_a_list"),)
        indexes = (models.Index(fields=("list", "state"), name="subscription_list_state"),)

    def __str__(self) -> str:
        return f"Subscription {self.pk}"
