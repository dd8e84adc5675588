"""Answers, questions and complaints of readers. They belong to a person and are erased with them."""

from django.conf import settings
from django.db import models

from newsletter.articles.models import Article, Correction
from newsletter.issues.models import Issue, Publication
from subscribers.models import Subscriber


class UsefulAnswer(models.Model):
    """Whether a reader of an issue found one of its articles useful: one answer a person, which they can change."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="+")
    useful = models.BooleanField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issue", "article", "subscriber"), name="useful_answer_once"),
        )

    def __str__(self) -> str:
        return f"{'Useful' if self.useful else 'Not useful'}: article {self.article_id}"


class ReaderCase(models.Model):
    """A question about a fact in an article, or a complaint about data protection, and what the review board decided.

    `assigned_to` is somebody without the board role to whom the board handed the case over: they can decide it, too.
    `confirmed_at` says when the owner of the mailbox confirmed that they sent it: only then do we email them. `nonce`
    is part of the links in these emails. `answer` is what the board tells the reader: an answer, what was corrected, or
    why nothing was. The dates are the last days for what the board has to do.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", "Question about a fact"
        COMPLAINT = "complaint", "Complaint about data protection"

    class State(models.TextChoices):
        RECEIVED = "received", "New"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        ANSWERED = "answered", "Answered"
        CORRECTED = "corrected", "Corrected"
        DECLINED = "declined", "Declined"
        JUNK = "junk", "Junk"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="reader_cases")
    kind = models.CharField(max_length=20, choices=Kind)
    article = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # As it was when the question was asked.
    article_title = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    address = models.EmailField(max_length=254, blank=True)
    # The same for all spellings of one mailbox.
    address_key = models.CharField(max_length=254, blank=True, db_index=True)
    nonce = models.CharField(max_length=32)
    state = models.CharField(max_length=20, choices=State, default=State.RECEIVED)
    received_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    acknowledge_by = models.DateField()
    answer_by = models.DateField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    correction = models.ForeignKey(
        Correction, on_delete=models.SET_NULL, null=True, blank=True, related_name="reader_cases"
    )
    erased_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    assigned_at = models.DateTimeField(null=True, blank=True)

    OPEN = (State.RECEIVED, State.ACKNOWLEDGED)
    CLOSED = (State.ANSWERED, State.CORRECTED, State.DECLINED)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("publication", "state", "id"), name="reader_case_by_state"),
            models.Index(fields=("publication", "kind", "received_at"), name="reader_case_received"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether the board still has to decide."""
        return self.state in self.OPEN

    @property
    def is_complaint(self) -> bool:
        """Whether this is a complaint about data protection."""
        return self.kind == self.Kind.COMPLAINT


# The step of the email that asks a reader to confirm the address.
CONFIRM = "confirm"


class CaseMail(models.Model):
    """One email to the reader who sent a case. `step` is what it is about: to confirm, or a state of the case."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Sent"
        GIVEN_UP = "given up", "Given up"
        LEFT_OUT = "left out", "Left out"

    case = models.ForeignKey(ReaderCase, on_delete=models.CASCADE, related_name="mails")
    step = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("case", "step"), name="case_step_mailed_once"),)
        indexes = (models.Index(fields=("state", "due_at"), name="case_mail_due"),)

    def __str__(self) -> str:
        return f"Email {self.pk} about a reader’s question or complaint ({self.step})"
