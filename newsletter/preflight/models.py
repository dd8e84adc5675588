"""What people decide about the checks before approval, and what is known of the links."""

from django.db import models

from newsletter.issues.models import Issue, Publication


class PreflightSettings(models.Model):
    """How serious a publication takes each rule, by the rule’s name, and the sentences of its own checklist.

    `promotion_topics` are the topics on which promotions must not speak of a treatment.
    """

    publication = models.OneToOneField(
        Publication, on_delete=models.CASCADE, related_name="preflight_settings"
    )
    levels = models.JSONField(default=dict)
    checklist = models.JSONField(default=list)
    promotion_topics = models.JSONField(default=list, db_default=[])

    def __str__(self) -> str:
        return f"Checks for {self.publication}"


class OverruledFinding(models.Model):
    """An approver’s decision that an error does not block the approval of one issue.

    `finding` is the fingerprint of the finding (preflight/finding.py), so that the decision outlives a change elsewhere
    in the email, and ends when the finding itself changes.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="overruled_findings")
    finding = models.CharField(max_length=64)
    what = models.TextField()
    reason = models.CharField(max_length=500)
    overruled_by = models.CharField(max_length=150)
    account = models.BigIntegerField(null=True, blank=True)
    overruled_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("issue", "finding"), name="finding_overruled_once"),)

    def __str__(self) -> str:
        return f"{self.issue}, overruled by {self.overruled_by}"


class ChecklistTick(models.Model):
    """A person’s confirmation that a sentence of the checklist is true of an issue."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="checklist_ticks")
    sentence = models.CharField(max_length=300)
    ticked_by = models.CharField(max_length=150)
    account = models.BigIntegerField(null=True, blank=True)
    ticked_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("issue", "sentence"), name="sentence_ticked_once"),)

    def __str__(self) -> str:
        return f"{self.issue}, ticked by {self.ticked_by}"


class CheckedLink(models.Model):
    """What came of the latest request to the URL of a link or picture.

    `key` is the SHA-256 of the URL, because a URL can be too long for an index. `status` is 0 without a response, and
    `problem` then says why. `moved_to` is the last URL after redirects.
    """

    key = models.CharField(max_length=64, unique=True)
    url = models.TextField()
    checked_at = models.DateTimeField(db_index=True)
    status = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=20, blank=True)
    moved_to = models.TextField(blank=True)
    moved_for_good = models.BooleanField(default=False)
    bytes = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.url} ({self.status or self.problem})"


class SpamScore(models.Model):
    """What SpamAssassin said about the emails with this digest. `rules` are pairs of points and words."""

    digest = models.CharField(max_length=64, unique=True)
    score = models.FloatField()
    rules = models.JSONField(default=list)
    scored_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.score:.1f}"
