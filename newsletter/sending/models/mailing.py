"""A mailing: one sending of an email to a frozen audience."""

import uuid

from django.db import models

from newsletter.issues.models import Issue
from subscribers.models import List

# The transport that saves emails in a folder on the server. They reach nobody.
SAVES_ONLY = "maildir"


class Mailing(models.Model):
    """One sending of one or more variants of an email to a frozen audience, for one purpose.

    The audience was the people on `mailing_list` whom the segment chooses and no exclusion does (audience.py). `digest`
    is the hash of all variants as approved. `key` identifies the mailing outside the database (Message-IDs, file
    names). It is never used again, not even if a new database starts its numbers at 1.
    """

    class State(models.TextChoices):
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"
        SENT = "sent", "Sent"

    class Purpose(models.TextChoices):
        ISSUE = "issue", "Issue"
        CORRECTION = "correction", "Correction"
        SEQUENCE_STEP = "sequence step", "Step of a sequence"

    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.ISSUE)
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="mailings")
    mailing_list = models.ForeignKey(List, on_delete=models.PROTECT, related_name="+")
    segment = models.TextField(
        blank=True,
        help_text=(
            "The segment of the list that receives the mailing. If empty, everybody on the list receives it."
        ),
    )
    exclusions = models.JSONField(
        default=list, blank=True, help_text="Segments of the list that do not receive the mailing."
    )
    left_out = models.JSONField(
        null=True,
        blank=True,
        help_text="Who else does not receive the mailing: readers of other issues, and pasted addresses.",
    )
    received = models.JSONField(
        null=True,
        blank=True,
        help_text=(
            "The IDs of issues. Only people who were sent one of these issues receive the "
            "mailing. If empty, there is no such limit."
        ),
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=20, choices=State, default=State.SENDING)
    pause_reason = models.TextField(blank=True, help_text="Why the mailing is paused, and what to do.")
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="No more emails of this mailing are sent before this time."
    )
    deferred_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=(
            "When the mailing was deferred. If this time is in the future, the system clock was set back "
            "afterwards."
        ),
    )
    defer_reason = models.TextField(blank=True, help_text="Why the mailing was deferred.")
    canary_size = models.PositiveIntegerField(
        default=0,
        help_text=(
            "Number of recipients in the canary batch, a small share that we send to first and watch for "
            "bounces. 0 means no canary batch."
        ),
    )
    canary_pending = models.BooleanField(
        default=False, help_text="Whether the canary batch still has to be sent."
    )
    attempts_offset = models.PositiveIntegerField(
        default=0,
        help_text=(
            "Number of the first attempt at a new batch. Lower numbers were used by attempts that this "
            "database has no record of."
        ),
    )
    suspect = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Number of the only batch that may be sent while we look for the cause of a rejection.",
    )
    transport = models.CharField(max_length=20, help_text="The transport used for the whole mailing.")
    digest = models.CharField(max_length=64, help_text="Hash of all variants of the approved email.")
    audience = models.PositiveIntegerField(default=0, help_text="Number of planned recipients.")
    failures = models.PositiveIntegerField(default=0, help_text="Number of failed requests in a row.")
    bad_reports_seen = models.PositiveIntegerField(
        default=0,
        help_text="Number of bounces and complaints when the mailing was last paused because of them.",
    )
    planned_at = models.DateTimeField()
    late_after = models.DateTimeField(
        null=True,
        blank=True,
        help_text="If nothing has been sent by this time, the mailing is paused instead of being sent late.",
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("issue",), condition=models.Q(purpose="issue"), name="one_mailing_sends_an_issue"
            ),
        )

    def __str__(self) -> str:
        return f"Mailing of {self.issue}" if self.sends_the_issue else self.email_name

    @property
    def state_predicate(self) -> str:
        """Return the rest of a sentence about this mailing's state, such as “is being sent”."""
        predicates = {
            self.State.SENDING: "is being sent",
            self.State.STOPPED: "has been stopped",
            self.State.SENT: "has been sent",
        }
        return predicates.get(self.State(self.state), f"is {self.state}")

    @property
    def sends_the_issue(self) -> bool:
        """Whether the mailing sends the issue itself, so that the issue's state follows from it."""
        return self.purpose == self.Purpose.ISSUE

    @property
    def email_name(self) -> str:
        """What people call the email, such as “Harbour 12” or “Correction to Harbour 12”."""
        return f"Correction to {self.issue}" if self.purpose == self.Purpose.CORRECTION else str(self.issue)
