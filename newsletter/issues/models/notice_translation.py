"""The notices of a publication in the languages of its readers."""

from django.db import models

from newsletter.issues.models.publication import Publication

LONGEST_SOURCE, LONGEST_TEXT = 700, 700


class NoticeTranslation(models.Model):
    """A notice in one more language. Readers get it only after somebody has confirmed the text.

    `notice` is the text in the publication's language. If that changes, this is the translation of another text, and
    readers get the new one in the publication's language.
    """

    # The constraint below serves this key.
    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, related_name="notice_translations", db_index=False
    )
    language = models.CharField(max_length=35)
    notice = models.CharField(max_length=LONGEST_SOURCE)
    text = models.CharField(max_length=LONGEST_TEXT)
    confirmed = models.BooleanField(default=False)

    class Meta:
        ordering = ("language", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("publication", "language", "notice"), name="one_text_per_notice_and_language"
            ),
        )

    def __str__(self) -> str:
        return f"{self.language}: {self.text}"
