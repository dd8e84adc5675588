"""Segments with a name, and lists of pasted addresses: what an audience is chosen from."""

from django.db import models

from newsletter.issues.models.publication import Publication
from newsletter.issues.validators import validate_one_line
from subscribers.models import List, Subscriber
from subscribers.segments.segment_tokeniser import LONGEST

LONGEST_NAME = 100


class SavedSegment(models.Model):
    """A segment of a list with a name, so that audiences can use it. A change counts for every audience that uses it.

    `text` is in the language of subscribers/segments.
    """

    mailing_list = models.ForeignKey(List, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=LONGEST_NAME, validators=[validate_one_line])
    text = models.TextField(max_length=LONGEST)

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("mailing_list", "name"), name="segment_name_once_a_list"),
        )

    def __str__(self) -> str:
        return self.name


class PastedList(models.Model):
    """Addresses that somebody pasted, so that an audience can leave these people out."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="+")
    pasted_at = models.DateTimeField()
    count = models.PositiveIntegerField(help_text="Number of distinct addresses that were pasted.")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Pasted list {self.pk}"


class PastedAddress(models.Model):
    """One pasted address: the subscriber who had it then, or else the folded address, in case somebody joins with it.

    Erasing a person deletes both.
    """

    pasted = models.ForeignKey(PastedList, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, null=True, related_name="+")
    address_key = models.CharField(max_length=320, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("pasted", "subscriber", "address_key"), name="pasted_address_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("address_key",),
                condition=models.Q(subscriber__isnull=True),
                name="pasted_unknown_address",
            ),
        )

    def __str__(self) -> str:
        return f"Pasted address {self.pk}"
