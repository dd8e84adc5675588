"""Lists that people subscribe to, and their topics."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from subscribers.clean_text import why_not_one_line


class List(models.Model):
    """A list that people subscribe to."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    publisher = models.CharField(
        max_length=200,
        blank=True,
        help_text="The name of the organisation that runs the list, as readers know it.",
    )
    privacy_url = models.URLField(max_length=500, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.EmailField(
        max_length=254,
        blank=True,
        help_text="Sender of confirmation emails. If empty, the default sender is used.",
    )
    language = models.CharField(max_length=35, default="en-GB")
    double_opt_in = models.BooleanField(
        default=True,
        help_text="Whether people must confirm by email before they are subscribed. Only turn this off if "
        "the law allows it.",
    )
    open_to_sign_up = models.BooleanField(
        default=True, help_text="Whether people can sign up on the public page."
    )
    consent_wording = models.TextField(
        blank=True,
        help_text=(
            "What people agree to on the sign-up page. If empty, a standard sentence with the name of the "
            "list is used."
        ),
    )
    sign_up_heading = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="Heading of the sign-up page. If empty, a standard heading with the name of the list is used.",
    )
    sign_up_button = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="Text on the button. If empty, “Sign up” is used.",
    )
    after_sign_up = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="More text for the page shown after a sign-up, such as when the next issue will be sent.",
    )
    asks_first_name = models.BooleanField(default=True, db_default=True)
    asks_last_name = models.BooleanField(default=False, db_default=False)
    asks_topics = models.BooleanField(
        default=True, db_default=True, help_text="Whether people choose topics when they sign up."
    )
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the list was archived. Nobody can join an archived list, but the people on it stay.",
    )

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raise ValidationError for texts used in email headers that are not on one line."""
        wrong = {name: why_not_one_line(getattr(self, name)) for name in ("name", "publisher", "sender_name")}
        if found := {name: sentence for name, sentence in wrong.items() if sentence}:
            raise ValidationError(found)


class Topic(models.Model):
    """A topic that readers of a list can choose. A person who chose none gets everything."""

    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="topics")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")
        constraints = (models.UniqueConstraint(fields=("list", "slug"), name="topic_once_a_list"),)

    def __str__(self) -> str:
        return self.name
