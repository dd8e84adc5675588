"""A newsletter title: its sender, list, design, and rules for choosing articles."""

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from newsletter.issues.audience_choice import check_audience
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
from subscribers.models import List

colour = RegexValidator(
    r"^#[0-9a-fA-F]{6}\Z", "Enter a colour as # followed by 6 hexadecimal digits, such as #0b5d7a."
)
font_list = RegexValidator(
    r"^[\w '\"-]+(,[\w '\"-]+)*\Z",
    "Enter font names separated by commas, such as Georgia, 'Times New Roman', serif.",
)
SERIF = "Georgia, 'Times New Roman', serif"
MAX_UNDO_MINUTES = 1_440
MAX_WORKING_DAYS = 90


class Nation(models.TextChoices):
    """A part of the United Kingdom, which has its own public holidays."""

    ENGLAND = "england", "England"
    WALES = "wales", "Wales"
    SCOTLAND = "scotland", "Scotland"
    NORTHERN_IRELAND = "northern-ireland", "Northern Ireland"


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
        help_text=(
            "The sender’s name for SendGrid, which cannot show accents or other scripts. If empty, we "
            "write the name in the Latin alphabet, without accents."
        ),
    )
    sender_address = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, blank=True)
    postal_address = models.TextField()
    charity_number = models.CharField(
        "registered charity number",
        max_length=100,
        blank=True,
        default="",
        db_default="",
        validators=[validate_one_line],
        help_text="Appeals in emails show this number. For example, 1234567 (England and Wales).",
    )
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
        "link to pictures on their original sites",
        default=False,
        db_default=False,
        help_text=(
            "Emails load pictures from the articles' sites, which can then see who reads the emails. If "
            "this is off, we make our own copies in the right size."
        ),
    )
    ask_useful = models.BooleanField(
        "ask whether articles are useful",
        default=False,
        db_default=False,
        help_text="Emails ask “Was this useful?” below each article. The answers are in the issue's report.",
    )
    takes_questions = models.BooleanField(
        "readers can question facts",
        default=False,
        db_default=False,
        help_text="Each article in an email links to a form for questions. The review board replies to readers.",
    )
    working_days = models.CharField(
        "public holidays in",
        max_length=20,
        choices=[(nation.value, nation.label) for nation in Nation],
        default=Nation.ENGLAND,
        db_default="england",
        help_text="These public holidays do not count when we calculate deadlines.",
    )
    acknowledge_days = models.PositiveSmallIntegerField(
        "working days to acknowledge a question",
        default=5,
        db_default=5,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_WORKING_DAYS)],
        help_text="By law, complaints about data protection must be acknowledged within 30 days.",
    )
    answer_days = models.PositiveSmallIntegerField(
        "working days to answer a question or complaint",
        default=20,
        db_default=20,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_WORKING_DAYS)],
    )
    show_question_figures = models.BooleanField(
        "show how many questions were answered",
        default=False,
        db_default=False,
        help_text="The archive shows how many questions readers asked in the last 12 months, how many "
        "corrections answered them, and how long the answers took.",
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
            "A section without topics contains all other articles."
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

    audience = models.JSONField(
        null=True,
        blank=True,
        validators=[check_audience],
        help_text="Who receives the issues (audience_choice.py). If empty, everybody on the list receives them.",
    )

    class Archive(models.TextChoices):
        PUBLIC = "public", "Public"
        UNLISTED = "unlisted", "Public, but hidden from search engines"
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
        help_text="Somebody who did not work on an issue must approve it.",
    )
    undo_minutes = models.PositiveIntegerField(
        "undo window (minutes)",
        default=5,
        validators=[MaxValueValidator(MAX_UNDO_MINUTES)],
        help_text="How many minutes you have to undo “Send”.",
    )

    archived_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the publication was archived. Archived publications get no new issues and send no emails.",
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
