"""What people agreed to, and every change of it: a log that can only be added to."""

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.errors import Refused
from subscribers.models.address_index import index_of_addresses
from subscribers.models.basis import Basis
from subscribers.models.mailing_list import List
from subscribers.models.subscriber import Subscriber
from subscribers.models.subscription import Subscription
from subscribers.models.subscription_source import SourceKind

ONLY_ADDED_TO = "Entries in the consent log cannot be changed or removed."


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
        BASIS = "basis", _("Lawful basis recorded")
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
        help_text=(
            "Slugs of the person’s topics after this change. If empty, the person gets all topics. If a person "
            "who unsubscribed was asked to confirm, they get these topics once they confirm."
        ),
    )
    state = models.CharField(
        max_length=20,
        choices=Subscription.State,
        blank=True,
        help_text=(
            "State of the subscription after this change. Empty if the change does not concern a "
            "subscription, or removed it."
        ),
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
    basis = models.CharField(
        max_length=20,
        choices=Basis,
        blank=True,
        default="",
        db_default="",
        help_text="The lawful basis that this change recorded. If empty, the basis is consent, or did not change.",
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
        indexes = (
            index_of_addresses("source_name", "entry_name_with_address"),
            index_of_addresses("note", "entry_note_with_address"),
        )

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
