"""The admin of publications, blocks, sources and issues. Its rules are those of the models and of issues/*.py."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet

from newsletter.actors import Role, require
from newsletter.articles.models import Article, Source
from newsletter.errors import PressError
from newsletter.issues import editing
from newsletter.issues.approvals import CHANGEABLE
from newsletter.issues.audit import record
from newsletter.issues.cancelling import cancel
from newsletter.issues.compose import compose
from newsletter.issues.items import is_printed
from newsletter.issues.models import Issue, Item, Publication, StandingBlock

if TYPE_CHECKING:  # these classes of Django take their model only in its stubs
    from django.db.models import Model

    PublicationBase = admin.ModelAdmin[Publication]
    SourceBase = admin.ModelAdmin[Source]
    ArticleBase = admin.ModelAdmin[Article]
    IssueBase = admin.ModelAdmin[Issue]
    BlockBase = admin.StackedInline[StandingBlock, Publication]
    ItemBase = admin.TabularInline[Item, Issue]
else:
    PublicationBase = SourceBase = ArticleBase = IssueBase = admin.ModelAdmin
    BlockBase = admin.StackedInline
    ItemBase = admin.TabularInline


class Blocks(BlockBase):
    """The standing blocks of a publication, in order."""

    model = StandingBlock
    extra = 0


@admin.register(Publication)
class PublicationAdmin(PublicationBase):
    """Everything that a publication is; an action composes its next issue."""

    list_display = ("name", "slug", "mailing_list", "theme", "language", "zone", "number_of_issues")
    search_fields = ("name", "slug")
    inlines = (Blocks,)
    actions = ("compose_next",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "tagline", "organisation", "website", "mailing_list")}),
        ("Language and time", {"fields": ("language", "zone")}),
        (
            "Sender",
            {
                "fields": (
                    "sender_name",
                    "sender_address",
                    "reply_to",
                    "postal_address",
                    "first_name_fallback",
                    "reason",
                )
            },
        ),
        (
            "Look",
            {
                "fields": (
                    "theme",
                    ("logo_url", "logo_alt", "logo_width", "logo_height"),
                    ("accent_colour", "accent_colour_dark"),
                    ("heading_font", "body_font"),
                )
            },
        ),
        ("What is chosen", {"fields": ("selection", "sections", "subject_pattern")}),
        ("By whose leave", {"fields": ("second_person", "hold_minutes")}),
    )

    def save_model(self, request: Any, obj: Publication, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save it, and write down who changed what."""
        require(Role.ADMINISTRATOR, "Changing a publication")
        super().save_model(request, obj, form, change)
        record("publication", f"Changed {', '.join(form.changed_data) or 'nothing'}.", publication=obj)

    def get_queryset(self, request: Any) -> QuerySet[Publication]:
        """Publications with the number of their issues."""
        return (
            super().get_queryset(request).select_related("mailing_list").annotate(issue_count=Count("issues"))
        )

    @admin.display(description="Issues")
    def number_of_issues(self, publication: Any) -> int:
        """How many issues there are, cancelled ones too."""
        return int(publication.issue_count)

    @admin.action(description="Compose the next issue", permissions=["change"])
    def compose_next(self, request: Any, publications: QuerySet[Publication]) -> None:
        """Draft the next issue of each publication, or say why not."""
        for publication in publications:
            try:
                self.message_user(request, f"Drafted {compose(publication)}.")
            except PressError as error:
                self.message_user(request, f"{publication}: {error}", messages.ERROR)


@admin.register(Source)
class SourceAdmin(SourceBase):
    """Sources as fetching left them. They are added with a look at what they are, and removed, on the command line."""

    list_display = ("name", "title", "kind", "location", "active", "fetched_at", "error", "next_attempt_at")
    list_filter = ("active", "kind")
    search_fields = ("name", "title", "location")
    fields = (
        "name",
        "title",
        "language",
        "kind",
        "location",
        "active",
        "fetched_at",
        "error",
        "next_attempt_at",
    )
    readonly_fields = ("name", "kind", "location", "active", "fetched_at", "error", "next_attempt_at")

    def has_add_permission(self, _request: Any) -> bool:
        """`newsletter sources add` looks at a source before it is saved."""
        return False

    def has_delete_permission(self, _request: Any, _source: Source | None = None) -> bool:
        """`newsletter sources remove` keeps what issues have used."""
        return False


@admin.register(Article)
class ArticleAdmin(ArticleBase):
    """Articles are read from their sources; here they are only held back from the e-news."""

    list_display = ("title", "source", "published_at", "edited_at", "withdrawn_at", "held_back")
    list_filter = ("held_back", "source")
    list_select_related = ("source",)
    list_editable = ("held_back",)
    search_fields = ("title", "url")
    show_full_result_count = False
    fields = (
        "title",
        "url",
        "source",
        "standfirst",
        "authors",
        "topics",
        "language",
        "published_at",
        "held_back",
    )
    readonly_fields = fields[:-1]

    def has_add_permission(self, _request: Any) -> bool:
        """An article comes from a source."""
        return False

    def has_delete_permission(self, _request: Any, _article: Article | None = None) -> bool:
        """A deleted article would come back with the next fetch."""
        return False


class Items(ItemBase):
    """The items of an issue in their order."""

    model = Item
    extra = 0
    can_delete = False
    fields = ("position", "article", "section", "lead", "pinned", "printed", "headline", "blurb")
    readonly_fields = fields

    def has_add_permission(self, _request: Any, _issue: "Model | None" = None) -> bool:
        """Articles are added by `newsletter issues edit` or at the desk."""
        return False

    @admin.display(description="Printed", boolean=True)
    def printed(self, item: Item) -> bool:
        """Whether the item is in the letter."""
        return is_printed(item)


@admin.register(Issue)
class IssueAdmin(IssueBase):
    """Issues as they stand; until they go, what is written in the letter can be changed."""

    list_display = ("publication", "number", "state", "subject", "composed_at", "sent_at")
    list_filter = ("publication", "state")
    list_select_related = ("publication",)
    search_fields = ("subject",)
    inlines = (Items,)
    actions = ("cancel_issues",)
    fields = (
        "publication",
        "number",
        "state",
        "subject",
        "preheader",
        "opening",
        "selection",
        "composed_at",
        "sent_at",
    )
    readonly_fields = ("publication", "number", "state", "selection", "composed_at", "sent_at")

    def has_add_permission(self, _request: Any) -> bool:
        """An issue is composed: see the action of publications."""
        return False

    def has_delete_permission(self, _request: Any, _issue: Issue | None = None) -> bool:
        """An issue is cancelled, so that its number stays used."""
        return False

    def has_change_permission(self, request: Any, obj: Issue | None = None) -> bool:
        """Only what has not gone is changed."""
        return super().has_change_permission(request, obj) and (obj is None or obj.state in CHANGEABLE)

    def save_model(self, request: Any, obj: Issue, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Write what was changed by the functions that the command line calls."""
        writes = {
            "subject": editing.set_subject,
            "preheader": editing.set_preheader,
            "opening": editing.set_opening,
        }
        try:
            for field in form.changed_data:
                writes[field](obj, form.cleaned_data[field])
        except PressError as error:
            self.message_user(request, str(error), messages.ERROR)

    @admin.action(description="Cancel the issues", permissions=["change"])
    def cancel_issues(self, request: Any, issues: QuerySet[Issue]) -> None:
        """Give issues up that have not been sent, or say why not."""
        for issue in issues:
            try:
                cancel(issue)
                self.message_user(request, f"Cancelled {issue}.")
            except PressError as error:
                self.message_user(request, str(error), messages.ERROR)
