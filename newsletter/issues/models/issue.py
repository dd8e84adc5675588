"""An issue, and the articles in it."""

from django.db import models

from newsletter.articles.models import Article
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.issues.audience_choice import check_audience
from newsletter.issues.models.publication import Publication
from newsletter.issues.selection_rule import check_selection
from newsletter.issues.validators import validate_one_line


class Issue(models.Model):
    """One edition of a publication."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"
        BLOCKED = "blocked", "Blocked"

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="issues")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    subject = models.CharField(max_length=300, blank=True, validators=[validate_one_line])
    preheader = models.CharField(max_length=300, blank=True, validators=[validate_one_line])
    opening = models.TextField("introduction", blank=True, help_text="The introduction, in Markdown.")
    selection = models.JSONField(
        default=dict,
        blank=True,
        validators=[check_selection],
        help_text="The rules used to choose the articles.",
    )
    audience = models.JSONField(
        null=True,
        blank=True,
        validators=[check_audience],
        help_text="Who receives this issue (audience_choice.py). If empty, the publication's audience is used.",
    )
    # Pairs of an article's number and why the selection left it out; see articles_left_out.py.
    passed_over = models.JSONField(null=True, blank=True, editable=False)
    composed_at = models.DateTimeField()
    # Begun without articles, so the next issue still takes what was published before it: candidate_articles.py.
    began_empty = models.BooleanField(default=False, db_default=False, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    blocked_reason = models.TextField(
        blank=True, help_text="Why the issue was not sent, and what to do about it."
    )

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("publication", "number"), name="issue_number_once"),)

    def __str__(self) -> str:
        return f"{self.publication.name} {self.number}"

    @property
    def state_predicate(self) -> str:
        """Return the rest of a sentence about this issue's state, such as “is being sent”."""
        predicates = {
            self.State.DRAFT: "is a draft",
            self.State.SENDING: "is being sent",
            self.State.SENT: "has been sent",
            self.State.CANCELLED: "has been cancelled",
        }
        return predicates.get(self.State(self.state), f"is {self.state}")


class Item(models.Model):
    """One article in one issue. A removed item stays in the database, so that composing again does not add it."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="items")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField(default=0)
    section = models.CharField(max_length=200, blank=True, validators=[validate_one_line])
    lead = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    dropped = models.BooleanField(default=False)
    headline = models.CharField(
        max_length=500,
        blank=True,
        validators=[validate_one_line],
        help_text="A headline for this issue only. If empty, the article's own headline is used.",
    )
    blurb = models.TextField(
        "text", blank=True, help_text="A text for this issue only. If empty, the article's own text is used."
    )
    picture = models.ForeignKey(
        OriginalPicture,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        help_text="A picture for this issue only. If empty, the article's own picture is used.",
    )
    picture_alt = models.CharField(
        "picture description",
        max_length=500,
        blank=True,
        default="",
        db_default="",
        validators=[validate_one_line],
    )
    without_picture = models.BooleanField(
        default=False, db_default=False, help_text="Whether this issue shows the article without a picture."
    )

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("issue", "article"), name="article_once_an_issue"),)

    def __str__(self) -> str:
        return self.headline or self.article.title

    @property
    def uploaded_picture(self) -> int | None:
        """The number of the picture that an editor uploaded for this issue, else for the article for good."""
        return self.picture_id or self.article.picture_id
