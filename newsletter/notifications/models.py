"""What editors are told, to whom it is mailed and where it is posted. The rows are the truth; clocks only look."""

import uuid

from django.conf import settings
from django.db import models

from newsletter.issues.models import Publication


class NotificationEpoch(models.Model):
    """When this installation began to tell. What was old by then is no news."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Told since {self.at:%Y-%m-%d %H:%M}"


class Notification(models.Model):
    """One thing that happened, told once: `key` names the fact. `link` is a path below the base URL."""

    class Kind(models.TextChoices):
        DRAFTED = "issue.drafted", "Drafted"
        SKIPPED = "issue.skipped", "Skipped"
        WAITING = "issue.waiting", "Waiting for you"
        BLOCKED = "issue.blocked", "Blocked"
        PAUSED = "mailing.paused", "Paused"
        DUPLICATES = "mailing.duplicates", "Got it twice"
        FIGURES = "mailing.figures", "Sent"
        FAILING = "source.failing", "Source failing"
        WORK_FAILS = "work.failing", "Work fails"
        WORK_IS_WELL = "work.well", "Work goes on"
        QUARANTINED = "database.older", "Nothing is sent"

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    subject = models.CharField(max_length=400)
    text = models.TextField()
    link = models.CharField(max_length=200)
    data = models.JSONField(default=dict, help_text="The same for programs.")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.subject


class State(models.TextChoices):
    """Where a mail or a post of a notice stands. `due_at` also says until when somebody else is at it."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    GIVEN_UP = "given up", "Given up"
    LEFT_OUT = "left out", "Left out"


class NotificationMail(models.Model):
    """The mail of a notice to one person, at the address that they have when it goes."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(
        default=0, help_text="How often the whole mail may have left without an answer."
    )
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("notification", "user"), name="notification_once_a_person"),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="notification_mail_due"),)

    def __str__(self) -> str:
        return f"Mail {self.pk} of notice {self.notification_id}"


class NotificationOptOut(models.Model):
    """Somebody who asked for no mails about what happens."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"No mail for {self.user_id}"


class Webhook(models.Model):
    """A program elsewhere that is posted every event, or those of one publication. Its secret is never shown again."""

    url = models.CharField(max_length=2_000)
    secret = models.CharField(max_length=100)
    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    error = models.TextField(blank=True, help_text="What the last attempt came to; empty: it was taken.")
    accepted_at = models.DateTimeField(null=True, blank=True, help_text="When it last took an event.")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Hook {self.pk}"


class WebhookDelivery(models.Model):
    """One event on its way to one hook. `key` is its webhook-id, and `body` its bytes, at every attempt the same."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    body = models.TextField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    answer = models.CharField(max_length=300, blank=True, help_text="What the last attempt came to.")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "hook deliveries"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("webhook", "notification"), name="notification_once_a_webhook"),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="webhook_delivery_due"),)

    def __str__(self) -> str:
        return f"Event {self.key.hex} for hook {self.webhook_id}"
