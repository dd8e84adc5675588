"""When an issue is sent, and the series that draft issues. Schedulers only read these rows, which decide."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models

from newsletter.issues.audience_choice import check_audience
from newsletter.issues.models import Issue, Publication
from newsletter.issues.selection_rule import check_selection
from newsletter.issues.validators import validate_zone


class Schedule(models.Model):
    """The time at which an issue is sent. A reopened issue keeps its time, which applies again once it is approved.

    `local_time` is the time that was chosen, in `zone`. With `readers_time`, each reader gets the issue at that local
    time in their own zone, and `due_at` is the moment in the first of these zones.
    """

    issue = models.OneToOneField(Issue, on_delete=models.CASCADE, related_name="schedule")
    local_time = models.CharField(max_length=16, help_text="Local time, such as 2026-12-01T07:30.")
    zone = models.CharField("time zone", max_length=64, validators=[validate_zone])
    due_at = models.DateTimeField(db_index=True)
    promised_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=(
            "The send time set by the series, if the issue was drafted late. If empty, the issue's own "
            "send time is used."
        ),
    )
    readers_time = models.BooleanField(
        default=False, help_text="Whether to send at this local time in each reader's own time zone."
    )
    in_undo_window = models.BooleanField(
        default=False, help_text="Whether somebody has selected “Send” and can still undo it."
    )
    approve_by = models.DateTimeField(
        null=True,
        blank=True,
        help_text=(
            "The time by which the issue must be approved. If it is not, it is blocked. If empty, the "
            "deadline is the send time."
        ),
    )
    scheduled_by = models.CharField(max_length=150)
    scheduled_at = models.DateTimeField()

    class Meta:
        ordering = ("due_at",)

    def __str__(self) -> str:
        return f"{self.issue} at {self.local_time.replace('T', ' ')} ({self.zone})"

    @property
    def grace_from(self) -> datetime:
        """The moment from which the grace is counted."""
        return self.promised_at or self.due_at

    @property
    def tzinfo(self) -> ZoneInfo:
        """The time zone of `local_time`."""
        return ZoneInfo(self.zone)


class Series(models.Model):
    """A recurring issue of a publication: each date drafts an issue, which is sent as the mode says."""

    class Mode(models.TextChoices):
        DRAFT = "draft", "Leaves a draft"
        APPROVE = "approve", "Sends once approved"
        SEND = "send", "Sends automatically"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="series")
    name = models.SlugField(max_length=80)
    rrule = models.CharField(
        "recurrence rule",
        max_length=500,
        help_text="A recurrence rule in the format of RFC 5545, such as FREQ=WEEKLY;BYDAY=TU,TH.",
    )
    zone = models.CharField("time zone", max_length=64, validators=[validate_zone])
    time = models.TimeField(help_text="The local time at which each issue is sent.")
    starts_on = models.DateField()
    mode = models.CharField(max_length=20, choices=Mode, default=Mode.DRAFT)
    selection = models.JSONField(
        null=True,
        blank=True,
        validators=[check_selection],
        help_text="Which articles the issues contain. If empty, the publication's selection is used.",
    )
    audience = models.JSONField(
        null=True,
        blank=True,
        validators=[check_audience],
        help_text="Who receives these issues. If empty, the publication's audience is used.",
    )
    readers_time = models.BooleanField(default=False)
    draft_ahead_minutes = models.PositiveIntegerField(
        default=24 * 60,
        help_text="How many minutes before its send time each issue is drafted, if it needs approval.",
    )
    approve_by_minutes = models.PositiveIntegerField(
        default=0, help_text="How many minutes before its send time each issue must be approved."
    )
    paused_at = models.DateTimeField(null=True, blank=True)
    # When the series was added, or resumed after a pause. Dates before then are not drafted.
    counts_from = models.DateTimeField()
    next_check_at = models.DateTimeField(
        null=True,
        blank=True,
        db_index=True,
        editable=False,
        help_text="When the next issue is due to be drafted.",
    )

    class Meta:
        verbose_name_plural = "series"
        ordering = ("publication", "name")
        constraints = (models.UniqueConstraint(fields=("publication", "name"), name="series_name_once"),)

    def __str__(self) -> str:
        return f"{self.publication.name}, {self.name}"


class Occurrence(models.Model):
    """The state of one date of a series. `local_time` is its original local time, even if the date was moved."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        DRAFTING = "drafting", "Drafting"
        DRAFTED = "drafted", "Drafted"
        SKIPPED = "skipped", "Skipped"
        MISSED = "missed", "Missed"

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="occurrences")
    local_time = models.CharField(
        max_length=16, help_text="The original local time, such as 2026-12-01T07:30."
    )
    due_at = models.DateTimeField()
    moved_to = models.CharField(
        max_length=16, blank=True, help_text="The local time to which this date was moved."
    )
    state = models.CharField(max_length=20, choices=State, default=State.PLANNED)
    reason = models.TextField(blank=True)
    issue = models.OneToOneField(
        Issue, on_delete=models.SET_NULL, null=True, blank=True, related_name="occurrence"
    )
    lease_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Until this time, only the process that reserved this date can draft the issue.",
    )
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("due_at",)
        constraints = (models.UniqueConstraint(fields=("series", "local_time"), name="occurrence_once"),)

    def __str__(self) -> str:
        return f"{self.series}, {self.local_time.replace('T', ' ')}"
