"""The rows of the jobs: what somebody asked for, how far it is, and what came of it."""

from django.db import models


class BackgroundJob(models.Model):
    """Work that takes longer than a page may: an import, an export, an act on thousands of people.

    A process claims the row until a moment, and moves that moment forward while it works (run_jobs.py). Nothing in the
    row names a subscriber: what does, is in a file that is removed (job_files.py).
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    asked_by = models.CharField(max_length=150, blank=True)
    account = models.BigIntegerField(
        null=True, blank=True, help_text="The account number of the person who asked for the job."
    )
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, db_index=True)
    arguments = models.JSONField(default=dict, help_text="The options of the job. Never contains addresses.")
    folder = models.CharField(
        max_length=64,
        blank=True,
        help_text="The folder with the job’s files. Only a machine that has this folder can run the job.",
    )
    phase = models.CharField(max_length=60, blank=True, help_text="The current step, such as “Reading”.")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(
        default=0, help_text="The total number of units of work. 0 means that it is not known yet."
    )
    result = models.JSONField(default=dict)
    sentence = models.TextField(blank=True, help_text="Why the job failed.")
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        db_index=True,
        help_text="When a process can start the job. Empty once the job has ended.",
    )
    attempts = models.PositiveIntegerField(default=0)
    broken_off = models.PositiveIntegerField(
        default=0,
        help_text=(
            "How often the job failed because of a fault in this software, or because its process ended "
            "too early."
        ),
    )

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"Job {self.pk} ({self.kind})"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be done."""
        return self.state not in {self.State.WAITING, self.State.RUNNING}
