"""Imports of files: what each added and changed, kept so that it can be undone."""

from typing import Any

from django.db import models
from django.utils import timezone

from subscribers.models.basis import Basis
from subscribers.models.consent_entry import Wording
from subscribers.models.mailing_list import List
from subscribers.models.subscriber import Subscriber


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
        default=nothing,
        help_text="What the person who imported the file said about the file and its columns.",
    )
    counts = models.JSONField(
        default=nothing,
        help_text="How many people had each outcome or, once the import is finished, how many rows.",
    )
    undone_by = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_counts = models.JSONField(
        default=nothing, help_text="How many changes the undo has reverted and kept so far."
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
    basis_before = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=Basis,
        help_text="The lawful basis before the import, if it became consent.",
    )
    was_pending = models.BooleanField(
        default=False, help_text="Whether the import made a pending subscription active."
    )
    joined_at = models.DateTimeField(
        null=True, help_text="When the person had signed up, if the subscription was pending."
    )
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Change {self.pk}"
