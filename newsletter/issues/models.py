"""A publication, its standing blocks, its issues, and the items of an issue in their order."""

from django.core.validators import RegexValidator
from django.db import models

from newsletter.articles.models import Article
from subscribers.models import List

colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", "A colour is # and six hexadecimal digits, such as #0b5d7a.")


class Publication(models.Model):
    """A newsletter title: who speaks, to which list, how it looks, and what is chosen for it."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    tagline = models.CharField(max_length=300, blank=True)
    organisation = models.CharField(max_length=200, help_text="Who publishes it, as in the copyright line.")
    website = models.URLField(max_length=500)
    mailing_list = models.ForeignKey(List, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=35, default="en-GB")
    zone = models.CharField(max_length=64, default="Europe/London", help_text="IANA time zone.")

    sender_name = models.CharField(max_length=200)
    sender_address = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, blank=True)
    postal_address = models.TextField()
    first_name_fallback = models.CharField(max_length=80, default="reader")
    reason = models.TextField(
        blank=True, help_text="Why the reader gets this; empty: a sentence that names the list."
    )

    theme = models.SlugField(max_length=80, default="classic")
    logo_url = models.CharField(max_length=2000, blank=True)
    logo_alt = models.CharField(max_length=300, blank=True)
    logo_width = models.PositiveIntegerField(null=True, blank=True)
    logo_height = models.PositiveIntegerField(null=True, blank=True)
    accent_colour = models.CharField(max_length=7, default="#0b5d7a", validators=[colour])
    accent_colour_dark = models.CharField(max_length=7, default="#7cc4dd", validators=[colour])
    heading_font = models.CharField(max_length=200, default="Georgia, 'Times New Roman', serif")
    body_font = models.CharField(max_length=200, default="Georgia, 'Times New Roman', serif")

    selection = models.JSONField(default=dict, blank=True, help_text="See issues/selection.py.")
    sections = models.JSONField(
        default=list, blank=True, help_text='In order: [{"title": "Research", "topics": ["research"]}, …].'
    )
    subject_pattern = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name


class StandingBlock(models.Model):
    """What returns every issue. `data` holds what its kind needs (see issues/blocks.py)."""

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
    ends_on = models.DateField(null=True, blank=True, help_text="The last day on which it is shown.")

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("publication", "name"), name="block_name_once"),)

    def __str__(self) -> str:
        return self.title or self.name


class Issue(models.Model):
    """One edition of a publication."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"
        HELD = "held", "Held"

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="issues")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    subject = models.CharField(max_length=300, blank=True)
    preheader = models.CharField(max_length=300, blank=True)
    opening = models.TextField(blank=True, help_text="The opening letter, in Markdown.")
    composed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("publication", "number"), name="issue_number_once"),)

    def __str__(self) -> str:
        return f"{self.publication.name} {self.number}"


class Item(models.Model):
    """One article in one issue. A dropped item stays, so that composing again does not bring it back."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="items")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField(default=0)
    section = models.CharField(max_length=200, blank=True)
    lead = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    dropped = models.BooleanField(default=False)
    headline = models.CharField(max_length=500, blank=True, help_text="For this issue only.")
    blurb = models.TextField(blank=True, help_text="For this issue only.")

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("issue", "article"), name="article_once_an_issue"),)

    def __str__(self) -> str:
        return self.headline or self.article.title
