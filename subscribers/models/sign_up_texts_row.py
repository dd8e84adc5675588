"""The texts of a list's sign-up form in further languages. The list itself has those in its main language."""

from django.db import models

from subscribers.models.mailing_list import List


class SignUpTexts(models.Model):
    """What the sign-up form of a list says in one more language. The fields have the names that they have on List.

    If a text is empty, the form shows the standard text in this language, or nothing if there is no standard text.
    """

    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="sign_up_texts")
    language = models.CharField(max_length=35)
    sign_up_heading = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    consent_wording = models.TextField(blank=True)
    sign_up_button = models.CharField(max_length=60, blank=True)
    after_sign_up = models.TextField(blank=True)

    class Meta:
        ordering = ("language",)
        verbose_name_plural = "sign-up texts"
        constraints = (models.UniqueConstraint(fields=("list", "language"), name="sign_up_texts_once"),)

    def __str__(self) -> str:
        return f"{self.list} in {self.language}"
