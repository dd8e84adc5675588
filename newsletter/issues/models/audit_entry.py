"""The audit log: who did what, and when."""

from typing import Any, NoReturn

from django.db import models

from newsletter.errors import Refused
from newsletter.issues.models.issue import Issue
from newsletter.issues.models.publication import Publication
from subscribers.clean_text import folded
from subscribers.phrases import shortened

LONGEST_SHOWN = 100
NOTHING = "nothing"


class AuditEntry(models.Model):
    """Who did what, and when. Entries are only ever added. `about` names the issue or publication, such as weekly/3.

    `thing` is what was changed, with its number, such as `list 3`. `changes` has [old, new] by name.
    """

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=150)
    account = models.BigIntegerField(
        null=True, blank=True, help_text="The actor's account number, if they were logged in."
    )
    act = models.CharField(max_length=40)
    about = models.CharField(max_length=120, blank=True)
    issue = models.ForeignKey(
        Issue, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="audit"
    )
    publication = models.ForeignKey(
        Publication, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+"
    )
    sentence = models.TextField()
    thing = models.CharField(max_length=80, blank=True, default="", db_index=True)
    changes = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ("id",)
        # None by act: SQLite would take it to look for the work on an issue, and read every edit of all issues.
        indexes = (
            models.Index(fields=("actor", "id"), name="audit_by_actor"),
            # Whether separation of duties was switched off since an issue was started.
            models.Index(
                fields=("publication", "at"),
                condition=models.Q(act="publication"),
                name="audit_of_publication_settings",
            ),
        )

    def __str__(self) -> str:
        return self.sentence

    def save(self, *arguments: Any, **named: Any) -> None:
        """Add the entry. Raises Refused if the entry already exists."""
        if self.pk:
            raise Refused("Audit log entries cannot be changed.")
        super().save(*arguments, **named)

    def delete(self, *_arguments: Any, **_named: Any) -> NoReturn:
        """Raises Refused."""
        raise Refused("Audit log entries cannot be removed.")

    @property
    def described_changes(self) -> list[str]:
        """Each change from the old to the new value, shortened to one line. What was and stays empty is left out."""
        changes = {name: (_in_a_line(old), _in_a_line(new)) for name, (old, new) in self.changes.items()}
        return [
            f"{name.replace('_', ' ')}: {old} → {new}"
            for name, (old, new) in changes.items()
            if (old, new) != (NOTHING, NOTHING)
        ]


def _in_a_line(value: object) -> str:
    """Return a value of the audit log as a page shows it."""
    if value is None or value == "":
        return NOTHING
    return shortened(folded(str(value)), LONGEST_SHOWN)
