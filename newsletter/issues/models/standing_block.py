"""Blocks that appear in every issue of a publication."""

from django.core.exceptions import ValidationError
from django.db import models

from newsletter.errors import Invalid
from newsletter.issues.block_data import data_to_json, read_data
from newsletter.issues.models.publication import Publication


class StandingBlock(models.Model):
    """A block that appears in every issue. `data` holds what its kind needs (see issues/block_data.py)."""

    class Kind(models.TextChoices):
        APPEAL = "appeal", "Appeal"
        PROMOTION = "promotion", "Promotion"
        COMMUNITY = "community", "Community"
        NOTICE = "notice", "Notice"
        SOCIAL = "social", "Social links"
        COPYRIGHT = "copyright", "Copyright and reuse"
        CORRECTIONS = "corrections", "Factual corrections"

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="blocks")
    name = models.SlugField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind)
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True, help_text="Markdown.")
    data = models.JSONField(default=dict, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True, help_text="The last day on which the block is shown.")

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("publication", "name"), name="block_name_once"),)

    def __str__(self) -> str:
        return self.title or self.name

    def clean(self) -> None:
        """Check the data for the kind, and the order of the dates. Raises Django's ValidationError."""
        try:
            self.data = data_to_json(read_data(self.kind, self.data))
        except Invalid as error:
            raise ValidationError({"data": str(error)}) from error
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "The last day must not be before the first day."})
