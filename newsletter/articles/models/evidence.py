"""What an article rests on, when somebody last checked it, and what was corrected in it."""

from django.db import models

from newsletter.articles.models.article import Article


class Reference(models.Model):
    """What an article rests on, a response of others to it, or the retraction of what it rests on.

    Every reference is here, whether its source named it or an editor added it. `csl` has its details as CSL-JSON
    (https://docs.citationstyles.org/), if they are known, and `citation` is the text that readers see in full. It is
    `formatted` if it was made of `csl` when the reference came from its source.
    A reference that the source does not name is `added_here`. If an editor changed or removed one that the source names
    or named, `as_at_source` has what the source says, so that the next fetch does not bring it back
    (write_references.py).
    """

    class Kind(models.TextChoices):
        STUDY = "study", "Study"
        REPORT = "report", "Report"
        GUIDELINE = "guideline", "Guideline"
        RESPONSE = "response", "Response from others"
        RETRACTION = "retraction", "Retraction notice"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="references")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.STUDY)
    position = models.PositiveIntegerField(default=0)
    citation = models.TextField()
    url = models.CharField(max_length=2000, blank=True)
    doi = models.CharField(max_length=300, blank=True)
    csl = models.JSONField(null=True, blank=True)
    formatted = models.BooleanField(default=False, db_default=False, editable=False)
    added_here = models.BooleanField(default=False, db_default=False, editable=False)
    as_at_source = models.JSONField(null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.citation

    @property
    def link(self) -> str:
        """The address to follow: the given one, else the DOI's resolver (https://www.doi.org)."""
        return self.url or (f"https://doi.org/{self.doi}" if self.doi else "")

    @property
    def has_short_form(self) -> bool:
        """Whether emails show it in short and web pages in full, because its text is not that of its source."""
        return bool(self.csl) and (self.formatted or self.added_here or self.as_at_source is not None)


class ArticleReview(models.Model):
    """When somebody last checked an article against the evidence, and when the next check is due.

    Without `due_on`, the rules of a publication for the article's topics say when it is due (topic_rules.py).
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="review")
    reviewed_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return str(self.article_id)


class GivenCorrections(models.Manager["Correction"]):
    """Corrections without those that their source no longer gives."""

    def get_queryset(self) -> models.QuerySet["Correction"]:
        """Return the corrections that readers can see, or will see on their day."""
        return super().get_queryset().filter(gone_at=None)


class Correction(models.Model):
    """What was put right in an article after it was published.

    `text` says what is right. A source gives only this and the day, which can be before we found the correction there.
    `made_at` is set for a correction that an editor made here. The source never changes or removes it. A correction
    that its source no longer gives stays for a while, in case the source gives it again, but readers do not see it.
    """

    class Severity(models.TextChoices):
        MINOR = "minor", "Minor"
        SIGNIFICANT = "significant", "Significant"
        SERIOUS = "serious", "Serious"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="corrections")
    corrected_on = models.DateField()
    said = models.TextField(blank=True, default="", db_default="", help_text="What the article said.")
    text = models.TextField(help_text="What is correct.")
    why = models.TextField(blank=True, default="", db_default="", help_text="How the mistake happened.")
    wrong_since = models.DateField(
        null=True, blank=True, help_text="The first day on which the article was wrong."
    )
    severity = models.CharField(
        max_length=20,
        choices=Severity,
        blank=True,
        default="",
        db_default="",
        help_text="How serious the mistake is. Empty for a correction from a source.",
    )
    made_at = models.DateTimeField(
        null=True, blank=True, help_text="When an editor made the correction. Empty if it came from a source."
    )
    made_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    found_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When we first found the correction at its source. Empty if it was made here, or found long ago.",
    )
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When we last found other words or another day at its source."
    )

    gone_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When its source stopped giving the correction. Empty if it still does.",
    )

    objects = GivenCorrections()
    with_gone = models.Manager["Correction"]()

    class Meta:
        ordering = ("corrected_on", "id")
        indexes = (models.Index(fields=("corrected_on",), name="correction_day"),)

    def __str__(self) -> str:
        return self.text
