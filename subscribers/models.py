"""The tables: people, lists and topics, subscriptions, what people agreed to, and addresses that must not be
mailed.

Rows of Subscription, ConsentEntry and Suppression change only through consent.py, suppression.py and erasure.py
(one at a time) and imports (many at a time): these write the consent log in the same transaction.
"""

import secrets
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.clean_text import why_not_one_line
from subscribers.errors import Refused

ONLY_ADDED_TO = "Entries in the consent log cannot be changed or removed."
# A signed link contains this many random bits of its row: see signed_links.py. `sql.random_nonce` makes them in
# the database.
LINK_NONCE_BITS = 48


def new_link_nonce() -> int:
    """Return a random value for a new row, so that a link made for an earlier row with its number does not open
    it.
    """
    return secrets.randbits(LINK_NONCE_BITS)


class SourceKind(models.TextChoices):
    """How something came in."""

    FORM = "form", "Form"
    IMPORT = "import", "Import"
    API = "api", "API"
    EDITOR = "editor", "Editor"
    EMAIL_LINK = "link", "Link in an email"
    PROVIDER = "provider", "Mail provider"
    SCHEDULER = "scheduler", "Scheduler"


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


class List(models.Model):
    """A list that people subscribe to."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    publisher = models.CharField(
        max_length=200,
        blank=True,
        help_text="The name of the organisation that runs the list, as readers know it.",
    )
    privacy_url = models.URLField(max_length=500, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.EmailField(
        max_length=254,
        blank=True,
        help_text="Sender of confirmation emails. If empty, the default sender is used.",
    )
    language = models.CharField(max_length=35, default="en-GB")
    double_opt_in = models.BooleanField(
        default=True,
        help_text="Whether people must confirm by email before they are subscribed. Only turn this off if "
        "the law allows it.",
    )
    open_to_sign_up = models.BooleanField(
        default=True, help_text="Whether people can sign up on the public page."
    )
    consent_wording = models.TextField(
        blank=True,
        help_text=(
            "What people agree to on the sign-up page. If empty, a standard sentence with the name of the "
            "list is used."
        ),
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raise ValidationError for texts used in email headers that are not on one line."""
        wrong = {name: why_not_one_line(getattr(self, name)) for name in ("name", "publisher", "sender_name")}
        if found := {name: sentence for name, sentence in wrong.items() if sentence}:
            raise ValidationError(found)


class Topic(models.Model):
    """A topic that readers of a list can choose. A person who chose none gets everything."""

    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="topics")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")
        constraints = (models.UniqueConstraint(fields=("list", "slug"), name="topic_once_a_list"),)

    def __str__(self) -> str:
        return self.name


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
            # For the few who have paused, among a great many who have not.
            models.Index(
                fields=("list", "state", "paused_until"),
                condition=models.Q(paused_until__isnull=False),
                name="subscription_paused",
            ),
        )

    def __str__(self) -> str:
        return f"Subscription {self.pk}"


class Wording(models.Model):
    """What people agreed to, or the statement of where their consent comes from. Stored once, never edited."""

    list = models.ForeignKey(List, null=True, on_delete=models.PROTECT, related_name="wordings")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=35, blank=True)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("list", "version"), name="wording_version_once"),)

    def __str__(self) -> str:
        return f"Wording {self.version}"


def no_topics() -> list[str]:
    """Every topic."""
    return []


class ConsentEntries(models.QuerySet["ConsentEntry"]):
    """The consent log can only be added to and read."""

    def update(self, **_changes: Any) -> NoReturn:
        """Refuse: see ConsentEntry."""
        raise Refused(ONLY_ADDED_TO)

    def delete(self) -> NoReturn:
        """Refuse: see ConsentEntry."""
        raise Refused(ONLY_ADDED_TO)

    def bulk_update(self, *_objects: Any, **_options: Any) -> NoReturn:
        """Refuse: see ConsentEntry."""
        raise Refused(ONLY_ADDED_TO)


class ConsentEntry(models.Model):
    """One act of consent. Never changed or deleted. Erasing a person blanks their identity (see erasure.py).

    consent_guard.py lets the database refuse any other change.
    """

    class Act(models.TextChoices):
        SIGNED_UP = "signed up", _("Signed up")
        CONFIRMED = "confirmed", _("Confirmed")
        ADDED = "added", _("Added by an editor")
        INVITED = "invited", _("Asked by an editor to confirm")
        IMPORTED = "imported", _("Imported")
        CHANGED = "changed", _("Changed")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")
        LEFT = "left", _("Unsubscribed")
        GAVE_REASON = "gave reason", _("Gave a reason for unsubscribing")
        CAME_BACK = "came back", _("Subscribed again")
        SUPPRESSED = "suppressed", _("Suppressed")
        LIFTED = "lifted", _("Suppression lifted")
        DROPPED = "dropped", _("Removed: never confirmed")
        IMPORT_UNDONE = "import undone", _("Import undone")
        ERASED = "erased", _("Erased")

    subscriber = models.ForeignKey(
        Subscriber, null=True, on_delete=models.DO_NOTHING, related_name="consent_entries"
    )
    list = models.ForeignKey(List, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    act = models.CharField(max_length=20, choices=Act)
    topics = models.JSONField(
        default=no_topics,
        help_text="Slugs of the topics that are chosen after this change. If empty, all topics are "
        "included. If a person who unsubscribed was asked to confirm, these are the topics they "
        "get once they confirm.",
    )
    state = models.CharField(
        max_length=20,
        choices=Subscription.State,
        blank=True,
        help_text="State of the subscription after this change. Empty if the change is not about a "
        "subscription, or removed it.",
    )
    moved = models.SmallIntegerField(
        default=0, help_text="1 if this change gave the list one more active reader, -1 if the list lost one."
    )
    counted_by = models.CharField(
        max_length=20,
        choices=SourceKind,
        blank=True,
        help_text="The source under which this change is counted in growth statistics. A person who "
        "confirmed is counted under the source of their sign-up.",
    )
    wording = models.ForeignKey(
        Wording, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(max_length=20, choices=SourceKind)
    source_name = models.CharField(
        max_length=200, blank=True, help_text="The name of the editor, import or form."
    )
    network_address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True, help_text="A reason, in the actor's own words.")

    objects = ConsentEntries.as_manager()

    class Meta:
        verbose_name_plural = "consent entries"

    def __str__(self) -> str:
        return f"{self.act} at {self.at:%Y-%m-%d %H:%M}"

    def save(self, **options: Any) -> None:
        """Save a new entry. Saving an existing one is refused."""
        if not self._state.adding:
            raise Refused(ONLY_ADDED_TO)
        super().save(**options)

    def delete(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse: the log can only be added to."""
        raise Refused(ONLY_ADDED_TO)


def nothing() -> dict[str, Any]:
    """Return an empty object."""
    return {}


class ImportRecord(models.Model):
    """One import of a file: who imported what, when, and what became of it. See imports/undo_import.py."""

    class State(models.TextChoices):
        STARTED = "started", "Not finished"
        FINISHED = "finished", "Finished"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    list = models.ForeignKey(List, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(max_length=200, blank=True, help_text="Name of the file.")
    imported_by = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.STARTED)
    wording = models.ForeignKey(
        Wording,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The consent that was stated for the people in the file.",
    )
    answers = models.JSONField(
        default=nothing, help_text="The importer's answers about the file and its columns."
    )
    counts = models.JSONField(
        default=nothing,
        help_text="Counts of what happened to the people or, once the import is finished, to every row.",
    )
    undone_by = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_counts = models.JSONField(
        default=nothing, help_text="Counts of what the undo has reverted and kept so far."
    )
    undo_entry = models.BigIntegerField(
        default=0, help_text="The last entry of the consent log that the undo has processed."
    )
    undo_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Until this time, only the process that reserved this import can undo it.",
    )
    undo_attempts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Import {self.pk}"


class ImportPiece(models.Model):
    """One transaction of an import: the numbers of what it added. Kept for as long as the import can be undone.

    While it ran, nobody else added a person or an entry to the consent log, so two numbers say which are its own.
    """

    record = models.ForeignKey(ImportRecord, on_delete=models.CASCADE, related_name="pieces")
    first_entry = models.BigIntegerField(
        help_text="The number of the first entry that this part of the import added to the consent log."
    )
    last_entry = models.BigIntegerField()
    first_person = models.BigIntegerField(
        null=True, help_text="The number of the first person who was added."
    )
    last_person = models.BigIntegerField(null=True)
    mentioned = models.JSONField(
        default=list,
        help_text="The people who were already on the list, as pairs of the first and last number of each run.",
    )
    suppressions = models.PositiveIntegerField(default=0, help_text="How many addresses were suppressed.")

    def __str__(self) -> str:
        return f"Piece {self.pk} of import {self.record_id}"


class ImportChange(models.Model):
    """What an import changed about a person we knew: the values before and after. Deleted with the person, when
    the import is undone, or when it can no longer be undone.
    """

    piece = models.ForeignKey(ImportPiece, on_delete=models.CASCADE, related_name="changes")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="import_changes")
    details_before = models.JSONField(
        null=True, help_text="The person's details before the import. Empty if they did not change."
    )
    details_after = models.JSONField(null=True)
    topics_before = models.JSONField(
        null=True, help_text="The slugs of the topics before the import. Empty if the topics did not change."
    )
    topics_after = models.JSONField(null=True)
    was_pending = models.BooleanField(
        default=False, help_text="Whether the import made a pending subscription active."
    )
    joined_at = models.DateTimeField(
        null=True, help_text="When the person had signed up, if the subscription was pending."
    )
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Change {self.pk}"


class Suppression(models.Model):
    """An address that must not be mailed until this is lifted, known only by its digest (see suppression.py)."""

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard bounce", "Hard bounce"
        COMPLAINT = "complaint", "Complaint"
        LEFT_ALL = "left all", "Unsubscribed from all lists"
        ERASED = "erased", "Erased"
        MANUAL = "manual", "Manual"

    digest = models.CharField(max_length=64, db_index=True)
    key_id = models.CharField(max_length=16, help_text="ID of the key that was used to make the digest.")
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
        )

    def __str__(self) -> str:
        return f"{self.reason} since {self.suppressed_at:%Y-%m-%d}"


class QueuedMail(models.Model):
    """An email of this app that is still to be sent: see confirmation_mails.py. The row is deleted when it is
    sent.
    """

    class Kind(models.TextChoices):
        CONFIRM = "confirm", "Confirm"
        ALREADY = "already", "Already subscribed"

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="queued_mails")
    kind = models.CharField(max_length=20, choices=Kind)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(
        default=0, help_text="How many times the whole email may have been sent without a response."
    )

    def __str__(self) -> str:
        return f"Queued email {self.pk}"


class RateCounter(models.Model):
    """How often something was done in a span of time: see rate_limits.py. `key` is a digest, never an address."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.expires_at:%Y-%m-%d %H:%M}"
