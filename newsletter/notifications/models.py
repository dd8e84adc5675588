"""Notifications, their emails and their webhook deliveries. Schedulers only read these rows, which decide."""

import uuid

from django.conf import settings
from django.db import models

from newsletter.articles.models import Article
from newsletter.issues.models import Publication

# The detail of an event that names the only account to be notified of it.
FOR_ACCOUNT = "for_account"


class NotificationEpoch(models.Model):
    """When this installation started to send notifications. Older events are not notified."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Notifications since {self.at:%Y-%m-%d %H:%M}"


class Notification(models.Model):
    """One event, notified once: `key` identifies the event. `link` is a path below the base URL."""

    class Kind(models.TextChoices):
        DRAFTED = "issue.drafted", "Drafted"
        SKIPPED = "issue.skipped", "Skipped"
        WAITING = "issue.waiting", "Needs approval"
        AT_RISK = "issue.at_risk", "Not approved yet"
        REFUSED = "issue.refused", "Approval refused"
        COMMENTED = "issue.commented", "Comments"
        QUESTIONS = "questions.new", "Questions from readers"
        QUESTIONS_DUE = "questions.due", "Answers due"
        REVIEWS_DUE = "reviews.due", "Reviews due"
        BLOCKED = "issue.blocked", "Blocked"
        PAUSED = "mailing.paused", "Sending paused"
        UNDECIDED = "mailing.undecided", "Decision needed"
        DUPLICATES = "mailing.duplicates", "Sent twice"
        FIGURES = "mailing.figures", "Sent"
        FAILING = "source.failing", "Source failing"
        CHANGED = "source.changed", "Source changed"
        WORK_FAILS = "work.failing", "Task failing"
        WORK_IS_WELL = "work.well", "Working again"
        QUARANTINED = "database.older", "Sending stopped"
        BACKUP_FAILED = "backup.failed", "Backup failed"

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    subject = models.CharField(max_length=400)
    text = models.TextField()
    link = models.CharField(max_length=200)
    data = models.JSONField(default=dict, help_text="The event's details, for webhooks.")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.subject


class NotifiedReview(models.Model):
    """A review of an article of which the editors of a publication were notified: once for each day it is due."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    due_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("publication", "article", "due_on"), name="review_notified_once_a_day"
            ),
        )

    def __str__(self) -> str:
        return f"Review of article {self.article_id}, due on {self.due_on}"


class State(models.TextChoices):
    """The state of an email or a webhook delivery. While a process works on it, `due_at` is the end of its lease."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    GIVEN_UP = "given up", "Given up"
    LEFT_OUT = "left out", "Left out"


class NotificationMail(models.Model):
    """The email of a notification to one person, at the address that they have when it is sent."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(
        default=0,
        help_text="How many times we may have sent the email without getting a response from the server.",
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
        return f"Email {self.pk} of notification {self.notification_id}"


class NotificationOptOut(models.Model):
    """A person who does not want notification emails, or none of some kinds."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kinds = models.JSONField(
        null=True,
        blank=True,
        help_text=(
            "The kinds of notification that the user does not want. If null, the user does not want any "
            "notifications."
        ),
    )

    def __str__(self) -> str:
        return f"Notification emails are off for user {self.user_id}"


class Webhook(models.Model):
    """An outbound webhook: a URL to which all events, or those of one publication, are posted.

    Its secret is shown only once.
    """

    url = models.CharField(max_length=2_000)
    secret = models.CharField(max_length=500, help_text="Encrypted. See webhook_secrets.py.")
    former_secret = models.CharField(
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text="Encrypted. See webhook_secrets.py.",
    )
    former_secret_until = models.DateTimeField(
        null=True, blank=True, help_text="Until this time, we also sign events with the previous secret."
    )
    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    error = models.TextField(
        blank=True, help_text="Reason why the last attempt failed. If empty, the last attempt succeeded."
    )
    accepted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the webhook last accepted an event."
    )

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Webhook {self.pk}"


class WebhookDelivery(models.Model):
    """One event for one webhook. `key` is its webhook-id and `body` its bytes, the same at every attempt."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    body = models.TextField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    answer = models.CharField(
        max_length=300, blank=True, help_text="The receiver's response to the last attempt."
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("webhook", "notification"), name="notification_once_a_webhook"),
        )
        indexes = (
            models.Index(fields=("state", "due_at"), name="webhook_delivery_due"),
            models.Index(fields=("webhook", "state", "id"), name="webhook_delivery_by_state"),
        )

    def __str__(self) -> str:
        return f"Event {self.key.hex} for webhook {self.webhook_id}"
