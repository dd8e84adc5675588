"""The ledger: a mailing, its batches, the outcome of every recipient, and who decided what.

The rows are the truth; engines only tell free workers to do the next batch. A recipient row has no address: it refers
to the subscriber, and if that person is erased, the row still counts but identifies nobody.
"""

import uuid

from django.db import models

from newsletter.issues.models import Issue, Publication
from subscribers.models import List, Subscriber


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
            "When the mailing was deferred. If this is in the future, the system clock has been set back "
            "since."
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
        return f"Mailing of {self.issue}"

    @property
    def sends_the_issue(self) -> bool:
        """Whether the mailing sends the issue itself, so that the issue's state follows from it."""
        return self.purpose == self.Purpose.ISSUE


class Variant(models.Model):
    """One distinct email of a mailing, and why it differs from the others (rendering/email_set.py).

    It is rendered once for all the recipients in its batches.
    """

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="variants", db_index=False)
    number = models.PositiveIntegerField(help_text="Position in the mailing, counted from 1.")
    language = models.CharField(max_length=35, blank=True)
    edition = models.CharField(max_length=80, blank=True)
    topics = models.JSONField(default=list, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    readers = models.TextField(
        blank=True, help_text="The segment that receives this variant. If empty, everybody else receives it."
    )
    email = models.JSONField()
    digest = models.CharField(max_length=64, help_text="The hash of this email.")
    content_accepted = models.BooleanField(
        default=False,
        help_text=(
            "Whether the provider has accepted a request with this variant. Until then, we make one "
            "request at a time."
        ),
    )

    class Meta:
        ordering = ("mailing", "number")
        constraints = (models.UniqueConstraint(fields=("mailing", "number"), name="variant_number_once"),)

    def __str__(self) -> str:
        return f"Variant {self.number} of mailing {self.mailing_id}"


class Batch(models.Model):
    """Up to 1,000 recipients of one variant who are sent to together.

    All of them get the same email. At most one request of a batch can ever have arrived.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        POSTING = "posting", "Posting"
        UNKNOWN = "unknown", "Unknown"
        ANSWERED = "answered", "Answered"

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="batches")
    variant = models.ForeignKey(Variant, on_delete=models.RESTRICT, related_name="batches")
    number = models.PositiveIntegerField(help_text="Position in the mailing, counted from 1.")
    first = models.BooleanField(
        default=False, help_text="Whether this batch is sent first, as part of the canary batch."
    )
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    send_window = models.CharField(
        max_length=64,
        blank=True,
        help_text="The time zone of these readers, if the issue is sent at each reader's local time.",
    )
    rejected_in = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="The number of the batch in which these recipients were first rejected.",
    )
    rejected = models.BooleanField(
        default=False,
        help_text=(
            "Whether the request was rejected without naming a recipient. If so, we will split the batch "
            "in half to find the cause."
        ),
    )
    halvings = models.PositiveSmallIntegerField(
        default=0, help_text="How many times a batch was split in half to get to these recipients."
    )
    other_half = models.PositiveIntegerField(
        null=True, blank=True, help_text="The number of the batch that contains the other half."
    )
    both_rejected = models.PositiveSmallIntegerField(
        default=0, help_text="How many times in a row both halves were rejected."
    )
    owner = models.CharField(max_length=64, blank=True, help_text="The ID of the process sending the batch.")
    current_recipient = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="The ID of the recipient whose message was started last, if each recipient gets a "
        "separate message. 0 means that no message was started. If empty, the whole batch is "
        "sent in one request.",
    )
    boot = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="The boot ID of the machine that is sending the batch.",
    )
    deferrals = models.PositiveIntegerField(
        default=0,
        help_text="How many times the server asked us to try these recipients again later.",
    )
    deferred_since = models.DateTimeField(
        null=True, blank=True, help_text="When these recipients were first deferred."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    untraced_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text=(
            "When the provider first told us that it had no record of the last request, according to the "
            "provider's clock."
        ),
    )
    message_id = models.CharField(max_length=200, blank=True, help_text="The message ID from the transport.")
    reason = models.TextField(blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "batches"
        ordering = ("mailing", "number")
        constraints = (models.UniqueConstraint(fields=("mailing", "number"), name="batch_number_once"),)
        indexes = (models.Index(fields=("state", "mailing", "number"), name="batch_state_mailing"),)

    def __str__(self) -> str:
        return f"Batch {self.number} of mailing {self.mailing_id}"


class Recipient(models.Model):
    """One subscriber in one mailing, and the outcome; also waiting while its batch is posting.

    The variant is that of the batch. `issue` is set if the purpose of the mailing is the issue, and empty for every
    other purpose: nobody receives an issue twice, through whichever mailing, and nobody is in any mailing twice. Each
    row is in one of the two unique indexes, so that very large mailings only pay for one.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        SKIPPED = "skipped", "Skipped"
        REJECTED = "rejected", "Rejected"
        UNKNOWN = "unknown", "Unknown"

    class RejectedFor(models.TextChoices):
        PERSON = "person", "The recipient's own address or data"

    # The constraints and the index below serve these three keys, so that none needs a separate index.
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="+", db_index=False)
    issue = models.ForeignKey(
        Issue, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    rejected_for = models.CharField(
        max_length=20,
        choices=RejectedFor,
        blank=True,
        default="",
        db_default="",
        help_text=(
            "What about the recipient caused the rejection. If empty, the recipient was not rejected, or "
            "something else caused it."
        ),
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("issue", "subscriber"),
                condition=models.Q(issue__isnull=False),
                name="issue_once_a_subscriber",
            ),
            models.UniqueConstraint(
                fields=("mailing", "subscriber"),
                condition=models.Q(issue__isnull=True),
                name="mailing_once_a_subscriber",
            ),
        )
        indexes = (models.Index(fields=("batch", "state"), name="recipient_batch_state"),)

    def __str__(self) -> str:
        return f"Recipient {self.pk}"


class NoSuchMailbox(models.Model):
    """A mail server said at once that a mailbox does not exist. Tracking processes the row and deletes it."""

    recipient = models.OneToOneField(Recipient, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=20, help_text='The status code from the server, such as "5.1.1".')
    said_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "no such mailboxes"

    def __str__(self) -> str:
        return f"Recipient {self.recipient_id}: {self.code}"


class UntracedPost(models.Model):
    """A post without a trace, whose recipients went back to waiting. We look for it again for some hours."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+", db_index=False)
    attempt = models.PositiveIntegerField()
    recipients = models.JSONField(help_text="The IDs of the recipients.")
    posted_at = models.DateTimeField()
    untraced_at = models.DateTimeField()
    is_over = models.BooleanField(
        default=False, help_text="Whether we have stopped looking for this request."
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("batch", "attempt"), name="untraced_post_once"),)

    def __str__(self) -> str:
        return f"Attempt {self.attempt} of batch {self.batch_id}, which the provider has no record of"


class EarlierAcceptance(models.Model):
    """A recipient was accepted by a post that we had given up before making a newer one for the same person."""

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    attempt = models.PositiveIntegerField()
    is_duplicate = models.BooleanField(
        default=False, help_text="Whether a newer request for this person was also accepted."
    )
    found_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("recipient", "batch", "attempt"), name="earlier_acceptance_once"),
        )

    def __str__(self) -> str:
        return f"Recipient {self.recipient_id} in attempt {self.attempt} of batch {self.batch_id}"


class Decision(models.Model):
    """A decision about a mailing, by a person or by evidence: who, when, what and why."""

    class Act(models.TextChoices):
        PLAN = "plan", "Planned"
        PAUSE = "pause", "Paused"
        RESUME = "resume", "Resumed"
        STOP = "stop", "Stopped"
        SETTLE = "settle", "Settled"
        RETRY = "retry", "Sent again to people who did not receive it"

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="decisions")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=20, choices=Act)
    decided_by = models.CharField(max_length=150, help_text="The person who decided, or the evidence used.")
    decided_at = models.DateTimeField()
    sentence = models.TextField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.sentence


class SendRecord(models.Model):
    """How many recipients were sent to at a moment: what the rates count, stored for some hours."""

    at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.count} at {self.at:%H:%M:%S}"


class SendingDay(models.Model):
    """How many recipients were sent to on a day in UTC: what a warm-up counts."""

    day = models.DateField(unique=True)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"


class SuppressionSync(models.Model):
    """The time until which one of SendGrid's suppression lists was pulled."""

    kind = models.CharField(max_length=40, unique=True)
    until = models.DateTimeField(help_text="We have copied all entries made before this time.")
    pulled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} until {self.until:%Y-%m-%d %H:%M}"


class FailingWork(models.Model):
    """Work that a process repeats and that has failed so often that people should know."""

    name = models.CharField(
        max_length=150, unique=True, help_text="The work that failed, and the machine it runs on."
    )
    since = models.DateTimeField()
    failed_at = models.DateTimeField(help_text="When the work last failed.")
    times = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300)
    recovered_at = models.DateTimeField(
        null=True, blank=True, help_text="When the work first succeeded after it had failed."
    )

    class Meta:
        verbose_name_plural = "failing work"

    def __str__(self) -> str:
        return self.name


class ProofGroup(models.Model):
    """Colleagues who get the test emails of a publication, under a name that editors choose."""

    # The constraint below serves this key.
    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, related_name="proof_groups", db_index=False
    )
    name = models.CharField(max_length=80)
    addresses = models.JSONField(default=list)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("publication", "name"), name="proof_group_name_once"),)

    def __str__(self) -> str:
        return self.name


class TestRequest(models.Model):
    """One press of “Send test”: a form that arrives twice has the same key, and its test emails are sent once.

    `results` has what came of each email, and is empty while they are being sent. Rows are deleted after a day.
    """

    __test__ = False

    key = models.UUIDField(unique=True)
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="Hash of all variants of the email that was tested.")
    requested_by = models.CharField(max_length=150)
    requested_at = models.DateTimeField()
    results = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Test emails of {self.issue}"
