"""Publications, standing blocks, issues and their items, approvals, and the audit log."""

from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models

from newsletter.articles.models import Article
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import Invalid, Refused
from newsletter.issues.block_data import data_to_json, read_data
from newsletter.issues.selection_rule import check_sections, check_selection
from newsletter.issues.validators import (
    validate_ascii,
    validate_language_tag,
    validate_one_line,
    validate_subject_pattern,
    validate_theme,
    validate_web_url,
    validate_zone,
    why_not_slug,
)
from subscribers.clean_text import folded
from subscribers.models import List
from subscribers.phrases import shortened

colour = RegexValidator(
    r"^#[0-9a-fA-F]{6}\Z", "Enter a colour as # and 6 hexadecimal digits, such as #0b5d7a."
)
font_list = RegexValidator(
    r"^[\w '\"-]+(,[\w '\"-]+)*\Z",
    "Enter font names separated by commas, such as Georgia, 'Times New Roman', serif.",
)
SERIF = "Georgia, 'Times New Roman', serif"
MAX_UNDO_MINUTES = 1_440
LONGEST_SHOWN = 100


class Publication(models.Model):
    """A newsletter title: its sender, mailing list, design, and rules for choosing articles."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200, validators=[validate_one_line])
    tagline = models.CharField(max_length=300, blank=True, validators=[validate_one_line])
    organisation = models.CharField(
        max_length=200,
        validators=[validate_one_line],
        help_text="The publisher, as shown in the copyright line.",
    )
    website = models.CharField(max_length=500, validators=[validate_web_url])
    mailing_list = models.ForeignKey(List, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=35, default="en-GB", validators=[validate_language_tag])
    zone = models.CharField(
        "time zone",
        max_length=64,
        default="Europe/London",
        validators=[validate_zone],
        help_text="An IANA time zone, such as Europe/London.",
    )

    sender_name = models.CharField(max_length=200, validators=[validate_one_line])
    sender_name_ascii = models.CharField(
        "sender name in ASCII",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        validators=[validate_one_line, validate_ascii],
        help_text="The sender’s name for SendGrid, which cannot show accents or other scripts. "
        "If empty, we transliterate the name.",
    )
    sender_address = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, blank=True)
    postal_address = models.TextField()
    first_name_fallback = models.CharField(max_length=80, default="reader", validators=[validate_one_line])
    reason = models.TextField(
        blank=True,
        help_text=(
            "A sentence that tells readers why they get this email. If empty, a standard sentence with "
            "the name of the list is used."
        ),
    )

    theme = models.SlugField(max_length=80, default="classic", validators=[validate_theme])
    logo_url = models.CharField("logo URL", max_length=2000, blank=True, validators=[validate_web_url])
    logo_alt = models.CharField(
        "logo alternative text", max_length=300, blank=True, validators=[validate_one_line]
    )
    logo_width = models.PositiveIntegerField(null=True, blank=True)
    logo_height = models.PositiveIntegerField(null=True, blank=True)
    hotlink_pictures = models.BooleanField(
        "use pictures from their own sites",
        default=False,
        db_default=False,
        help_text=(
            "Emails load pictures from the sites of the articles, which then learn who reads them. Otherwise, we "
            "make our own copies in the right size."
        ),
    )
    ask_useful = models.BooleanField(
        "ask whether articles are useful",
        default=False,
        db_default=False,
        help_text="Emails ask below each article “Was this useful?”. The report of the issue has the answers.",
    )
    accent_colour = models.CharField(max_length=7, default="#0b5d7a", validators=[colour])
    accent_colour_dark = models.CharField(max_length=7, default="#7cc4dd", validators=[colour])
    heading_font = models.CharField(max_length=200, default=SERIF, validators=[font_list])
    body_font = models.CharField(max_length=200, default=SERIF, validators=[font_list])

    selection = models.JSONField(
        default=dict,
        blank=True,
        validators=[check_selection],
        help_text=(
            "Which articles an issue contains. "
            'For example, {"topics": ["research"], "since": "last issue", "at_most": 15, "at_least": 1}.'
        ),
    )
    sections = models.JSONField(
        default=list,
        blank=True,
        validators=[check_sections],
        help_text=(
            'The sections in order, such as [{"title": "Research", "topics": ["research"]}, …]. '
            "A section without topics takes all other articles."
        ),
    )
    subject_pattern = models.CharField(
        max_length=200,
        blank=True,
        validators=[validate_subject_pattern],
        help_text=(
            "A pattern for the subject, such as “{name}: {lead}”. You can use {name}, {lead} and "
            "{number}. If empty, the subject is the headline of the lead article."
        ),
    )

    class Archive(models.TextChoices):
        PUBLIC = "public", "Public"
        UNLISTED = "unlisted", "Public, but not for search engines"
        SUBSCRIBERS = "subscribers", "For subscribers, with the link in their email"

    archive = models.CharField(
        max_length=20,
        choices=Archive,
        default=Archive.PUBLIC,
        db_default="public",
        help_text="Who can read sent issues on the web.",
    )
    four_eyes = models.BooleanField(
        "separation of duties",
        default=False,
        help_text="Each issue must be approved by somebody who did not work on it.",
    )
    undo_minutes = models.PositiveIntegerField(
        "undo window (minutes)",
        default=5,
        validators=[MaxValueValidator(MAX_UNDO_MINUTES)],
        help_text="For how many minutes after selecting “Send” you can still undo it.",
    )

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check rules that one field's validators cannot. Raises Django's ValidationError."""
        if why_not := why_not_slug(self.slug):
            raise ValidationError({"slug": why_not})

    @property
    def tzinfo(self) -> ZoneInfo:
        """The publication's time zone."""
        return ZoneInfo(self.zone)


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
        help_text="The rules by which the articles were chosen.",
    )
    # Pairs of an article's number and why the selection left it out; see articles_left_out.py.
    passed_over = models.JSONField(null=True, blank=True, editable=False)
    composed_at = models.DateTimeField()
    # Begun without articles, so the next issue still takes what was published before it: candidate_articles.py.
    began_empty = models.BooleanField(default=False, db_default=False, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    blocked_reason = models.TextField(blank=True, help_text="Why the issue was not sent, and what to do.")

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("publication", "number"), name="issue_number_once"),)

    def __str__(self) -> str:
        return f"{self.publication.name} {self.number}"


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
        default=False, db_default=False, help_text="In this issue, the article is shown without a picture."
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


class IssueBlock(models.Model):
    """What one issue changes about a standing block, or a block that only this issue has (then `block` is empty).

    `position` counts in the same sequence as the positions of items; without one, the block has its usual place after
    the articles. `content` has the title, body and data of this issue; what is missing is that of the standing block.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="blocks")
    block = models.ForeignKey(
        StandingBlock, on_delete=models.CASCADE, null=True, blank=True, related_name="in_issues"
    )
    kind = models.CharField(max_length=20, choices=StandingBlock.Kind, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True)
    hidden = models.BooleanField(default=False)
    content = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("issue", "block"), name="block_once_an_issue"),
            models.CheckConstraint(
                condition=models.Q(block__isnull=False) | ~models.Q(kind=""), name="own_block_has_a_kind"
            ),
        )

    def __str__(self) -> str:
        return self.title or (self.block.name if self.block else self.get_kind_display())

    @property
    def shown_kind(self) -> str:
        """The kind of the standing block, or of a block that only this issue has."""
        return self.block.kind if self.block else self.kind

    @property
    def title(self) -> str:
        """The title in this issue."""
        return str(self.content.get("title", self.block.title if self.block else ""))

    @property
    def body(self) -> str:
        """The text in this issue, in Markdown."""
        return str(self.content.get("body", self.block.body if self.block else ""))

    @property
    def data(self) -> dict[str, Any]:
        """What the kind of block needs, in this issue (block_data.py)."""
        return dict(self.content.get("data", self.block.data if self.block else {}))


class Approval(models.Model):
    """What somebody approved: the emails of an issue at that time, frozen with one digest.

    An issue has at most one approval that was not withdrawn. `emails` holds every variant (rendering/email_set.py), and
    `digest` is the digest of the whole set.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="approvals")
    emails = models.JSONField()
    digest = models.CharField(max_length=64)
    day = models.DateField(help_text="The date shown in the email, in the publication's time zone.")
    approved_by = models.CharField(max_length=150)
    account = models.BigIntegerField(
        null=True, blank=True, help_text="The number of the approver's account, if they were signed in."
    )
    approved_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("issue",), condition=models.Q(withdrawn_at=None), name="one_approval_stands"
            ),
        )

    def __str__(self) -> str:
        return f"{self.issue}, approved by {self.approved_by}"


class AuditEntry(models.Model):
    """Who did what, and when. Entries are only ever added. `about` names the issue or publication, such as weekly/3.

    `thing` is what was changed, with its number, such as `list 3`. `changes` has [old, new] by name.
    """

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=150)
    account = models.BigIntegerField(
        null=True, blank=True, help_text="The number of the actor's account, if they were signed in."
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
        """Each change from the old to the new value, shortened to one line."""
        return [
            f"{name.replace('_', ' ')}: {_in_a_line(old)} → {_in_a_line(new)}"
            for name, (old, new) in self.changes.items()
        ]


def _in_a_line(value: object) -> str:
    """Return a value of the audit log as a page shows it."""
    if value is None or value == "":
        return "nothing"
    return shortened(folded(str(value)), LONGEST_SHOWN)
