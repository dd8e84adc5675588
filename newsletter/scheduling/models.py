"""When an issue goes, and the series that bring issues by themselves. The rows are the truth; clocks only look."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models

from newsletter.issues.models import Issue, Publication
from newsletter.issues.selection_rule import check_selection
from newsletter.issues.validators import validate_zone


class Schedule(models.Model):
    """The time at which one issue goes. It stays when the issue is reopened, and holds again once it is approved.

    `wall` is the time as it was said, in `zone`; with `readers_time`, each reader's own zone has that wall time, and
    `due_at` is the moment in the first of these zones.
    """

    issue = models.OneToOneField(Issue, on_delete=models.CASCADE, related_name="schedule")
    local_time = models.CharField(max_length=16, help_text="As on the wall, such as 2026-12-01T07:30.")
    zone = models.CharField(max_length=64, validators=[validate_zone])
    due_at = models.DateTimeField(db_index=True)
    promised_at = models.DateTimeField(
        null=True, blank=True, help_text="The time of its series, where it was drafted late; empty: its time."
    )
    readers_time = models.BooleanField(
        default=False, help_text="At this wall time in each reader's own zone."
    )
    in_undo_window = models.BooleanField(
        default=False, help_text="“Send” was said, and it can still be taken back."
    )
    approve_by = models.DateTimeField(
        null=True, blank=True, help_text="Not approved by then, the issue is held; empty: by its time."
    )
    scheduled_by = models.CharField(max_length=150)
    scheduled_at = models.DateTimeField()

    class Meta:
        ordering = ("due_at",)

    def __str__(self) -> str:
        return f"{self.issue} at {self.local_time.replace('T', ' ')} ({self.zone})"

    @property
    def grace_from(self) -> datetime:
        """From when the grace counts."""
        return self.promised_at or self.due_at

    @property
    def tzinfo(self) -> ZoneInfo:
        """The zone in which its time was said."""
        return ZoneInfo(self.zone)


class Series(models.Model):
    """A rhythm of a publication: each occurrence drafts an issue, which goes by the series' mode."""

    class Mode(models.TextChoices):
        DRAFT = "draft", "Leaves a draft"
        APPROVE = "approve", "Sends after approval"
        SEND = "send", "Sends by itself"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="series")
    name = models.SlugField(max_length=80)
    rrule = models.CharField(max_length=500, help_text="RFC 5545, such as FREQ=WEEKLY;BYDAY=TU,TH.")
    zone = models.CharField(max_length=64, validators=[validate_zone])
    time = models.TimeField(help_text="As on the wall.")
    starts_on = models.DateField()
    mode = models.CharField(max_length=20, choices=Mode, default=Mode.DRAFT)
    selection = models.JSONField(
        null=True, blank=True, validators=[check_selection], help_text="Empty: the publication's."
    )
    readers_time = models.BooleanField(default=False)
    draft_ahead_minutes = models.PositiveIntegerField(
        default=24 * 60, help_text="How long before its time an issue to approve is drafted."
    )
    approve_by_minutes = models.PositiveIntegerField(
        default=0, help_text="How long before its time it must be approved."
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    # What passed before then is not made up for: when the series was made, or went on after a pause.
    counts_from = models.DateTimeField()
    next_check_at = models.DateTimeField(
        null=True,
        blank=True,
        db_index=True,
        editable=False,
        help_text="When there is next something to draft.",
    )

    class Meta:
        verbose_name_plural = "series"
        ordering = ("publication", "name")
        constraints = (models.UniqueConstraint(fields=("publication", "name"), name="series_name_once"),)

    def __str__(self) -> str:
        return f"{self.publication.name}, {self.name}"


class Occurrence(models.Model):
    """What became, or shall become, of one date of a series. `wall` is its date in the rhythm, whatever it moved to."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        DRAFTING = "drafting", "Drafting"
        DRAFTED = "drafted", "Drafted"
        SKIPPED = "skipped", "Skipped"
        MISSED = "missed", "Missed"

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="occurrences")
    local_time = models.CharField(max_length=16, help_text="Such as 2026-12-01T07:30.")
    due_at = models.DateTimeField()
    moved_to = models.CharField(max_length=16, blank=True, help_text="Another wall time for this one.")
    state = models.CharField(max_length=20, choices=State, default=State.PLANNED)
    reason = models.TextField(blank=True)
    issue = models.OneToOneField(
        Issue, on_delete=models.SET_NULL, null=True, blank=True, related_name="occurrence"
    )
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Until then somebody drafts it.")
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("due_at",)
        constraints = (models.UniqueConstraint(fields=("series", "local_time"), name="occurrence_once"),)

    def __str__(self) -> str:
        return f"{self.series}, {self.local_time.replace('T', ' ')}"
