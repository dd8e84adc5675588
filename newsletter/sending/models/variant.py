"""The distinct emails of a mailing."""

from django.db import models

from newsletter.sending.models.mailing import Mailing


class Variant(models.Model):
    """One distinct email of a mailing, and why it differs from the others (rendering/email_set.py).

    It is rendered once for all the recipients in its batches.
    """

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="variants", db_index=False)
    number = models.PositiveIntegerField(help_text="Position in the mailing, counted from 1.")
    language = models.CharField(max_length=35, blank=True)
    edition = models.CharField(max_length=80, blank=True)
    topics = models.JSONField(default=list, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    readers = models.TextField(
        blank=True, help_text="The segment that receives this variant. If empty, everybody else receives it."
    )
    email = models.JSONField()
    digest = models.CharField(max_length=64, help_text="The hash of this email.")
    content_accepted = models.BooleanField(
        default=False,
        help_text=(
            "Whether the provider has accepted a request with this variant. Until then, we make one "
            "request at a time."
        ),
    )

    class Meta:
        ordering = ("mailing", "number")
        constraints = (models.UniqueConstraint(fields=("mailing", "number"), name="variant_number_once"),)

    def __str__(self) -> str:
        return f"Variant {self.number} of mailing {self.mailing_id}"
