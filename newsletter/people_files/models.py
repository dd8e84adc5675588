"""The rows of the files that somebody imports at the desk. What is in a file is never stored here."""

from django.db import models

from newsletter.background_jobs.models import BackgroundJob
from subscribers.models import ImportRecord, List


class ImportedFile(models.Model):
    """A file that somebody uploaded to import the people in it, and how far they are with it.

    The file itself, samples of its rows and the rows that are left out are in the folder, which is removed after a day.
    """

    class Step(models.TextChoices):
        RECEIVING = "receiving", "Uploading"
        COLUMNS = "columns", "Columns"
        CHECK = "check", "Check"
        RESULT = "result", "Result"

    name = models.CharField(max_length=200, help_text="Name of the file.")
    size = models.BigIntegerField(help_text="Size of the file in bytes.")
    received = models.BigIntegerField(default=0, help_text="How many bytes have been uploaded.")
    folder = models.CharField(
        max_length=64,
        blank=True,
        help_text="Folder that contains the file. Empty once the file has been removed.",
    )
    uploaded_by = models.CharField(max_length=150, blank=True)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField(db_index=True)
    step = models.CharField(max_length=20, choices=Step, default=Step.RECEIVING)
    answers = models.JSONField(
        default=dict, help_text="What the person who uploaded the file said about the file and its columns."
    )
    list = models.ForeignKey(List, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    consent = models.TextField(blank=True, help_text="Where the consent of the people comes from.")
    job = models.ForeignKey(BackgroundJob, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    record = models.ForeignKey(
        ImportRecord, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"File {self.pk}"
