"""The admin pages of publications, standing blocks and issues. Their rules are those of the models and of
issues/*.py.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet

from newsletter import article_admin  # noqa: F401 - it registers its pages
from newsletter.accounts import user_admin  # noqa: F401 - as above
from newsletter.errors import NewsletterError
from newsletter.issues import change_publications, edit_issue_texts
from newsletter.issues.compose import compose
from newsletter.issues.item_order import is_printed
from newsletter.issues.locked_draft import why_not_edit
from newsletter.issues.models import Issue, Item, Publication, StandingBlock
from subscribers.admin_refusals import ShowsRefusals

if TYPE_CHECKING:  # these classes of Django take their model only in its stubs
    from django.db.models import Model

    PublicationBase = admin.ModelAdmin[Publication]
    IssueBase = admin.ModelAdmin[Issue]
    BlockBase = admin.StackedInline[StandingBlock, Publication]
    ItemBase = admin.TabularInline[Item, Issue]
    IssueFormBase = forms.ModelForm[Issue]
else:
    PublicationBase = IssueBase = admin.ModelAdmin
    BlockBase = admin.StackedInline
    ItemBase = admin.TabularInline
    IssueFormBase = forms.ModelForm

admin.site.site_header = admin.site.site_title = "Newsletter administration"
admin.site.index_title = "Administration"


class BlockInline(BlockBase):
    """The standing blocks of a publication, in order."""

    model = StandingBlock
    extra = 0


@admin.register(Publication)
class PublicationAdmin(ShowsRefusals, PublicationBase):
    """A whole publication. An action composes its next issue."""

    list_display = ("name", "slug", "mailing_list", "theme", "language", "zone", "number_of_issues")
    search_fields = ("name", "slug")
    inlines = (BlockInline,)
    actions = ("compose_next",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "tagline", "organisation", "website", "mailing_list")}),
        ("Language and time", {"fields": ("language", "zone")}),
        (
            "Sender",
            {
                "fields": (
                    "sender_name",
                    "sender_name_ascii",
                    "sender_address",
                    "reply_to",
                    "postal_address",
                    "charity_number",
                    "first_name_fallback",
                    "reason",
                )
            },
        ),
        (
            "Appearance",
            {
                "fields": (
                    "theme",
                    ("logo_url", "logo_alt", "logo_width", "logo_height"),
                    "hotlink_pictures",
                    "ask_useful",
                    ("accent_colour", "accent_colour_dark"),
                    ("heading_font", "body_font"),
                )
            },
        ),
        ("Article selection", {"fields": ("selection", "sections", "subject_pattern")}),
        (
            "Questions from readers",
            {
                "fields": (
                    "takes_questions",
                    "working_days",
                    ("acknowledge_days", "answer_days"),
                    "show_question_figures",
                )
            },
        ),
        ("Approval and undo", {"fields": ("four_eyes", "undo_minutes")}),
        ("On the web", {"fields": ("archive",)}),
    )

    def save_model(self, request: Any, obj: Publication, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Save the publication with the function that records who changed what."""
        change_publications.save_publication(obj, form.changed_data)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Save each block with the function that the command line calls."""
        formset.save(commit=False)
        for block in formset.deleted_objects:
            stored = StandingBlock.objects.select_related("publication").get(pk=block.pk)
            change_publications.remove_block(stored.publication, stored.name)
        for block, changed in formset.changed_objects:
            change_publications.save_block(block, changed)
        for block in formset.new_objects:
            change_publications.save_block(block, ["all fields"])

    def has_delete_permission(self, request: Any, obj: Publication | None = None) -> bool:
        """Forbid deleting a publication that has issues."""
        return super().has_delete_permission(request, obj) and not (obj and obj.issues.exists())

    def delete_model(self, request: Any, obj: Publication) -> None:  # noqa: ARG002 - Django's signature
        """Delete the publication, and record who did it."""
        change_publications.remove_publication(obj)

    def get_queryset(self, request: Any) -> QuerySet[Publication]:
        """Return publications with the number of their issues."""
        found: QuerySet[Publication] = super().get_queryset(request)
        return found.select_related("mailing_list").annotate(issue_count=Count("issues"))

    @admin.display(description="Issues")
    def number_of_issues(self, publication: Any) -> int:
        """Return the number of issues, including cancelled ones."""
        return int(publication.issue_count)

    @admin.action(description="Draft the next issue", permissions=["change"])
    def compose_next(self, request: Any, chosen: QuerySet[Publication]) -> None:
        """Draft the next issue of each publication, or say why not."""
        for publication in chosen:
            try:
                self.message_user(request, f"Drafted the issue {compose(publication)}.")
            except NewsletterError as error:
                self.message_user(request, f"{publication}: {error}", messages.ERROR)


class ItemInline(ItemBase):
    """The items of an issue, in order."""

    model = Item
    extra = 0
    can_delete = False
    fields = ("position", "article", "section", "lead", "pinned", "printed", "headline", "blurb")
    readonly_fields = fields

    def has_add_permission(self, _request: Any, _issue: "Model | None" = None) -> bool:
        """Forbid adding: articles are added with `newsletter issues edit` or at the desk."""
        return False

    @admin.display(description="Included", boolean=True)
    def printed(self, item: Item) -> bool:
        """Return whether the item is printed in the email."""
        return is_printed(item)


class IssueForm(IssueFormBase):
    """The texts of an issue, with a digest of those that the page showed."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput, label="")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if "seen" in self.fields:
            self.fields["seen"].initial = edit_issue_texts.texts_version(self.instance)


@admin.register(Issue)
class IssueAdmin(ShowsRefusals, IssueBase):
    """Issues. Until an issue is sent, its texts can be changed."""

    list_display = ("publication", "number", "state", "subject", "composed_at", "sent_at")
    list_filter = ("publication", "state")
    list_select_related = ("publication",)
    search_fields = ("subject",)
    form = IssueForm
    inlines = (ItemInline,)
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
        "seen",
    )
    readonly_fields = ("publication", "number", "state", "selection", "composed_at", "sent_at")

    def has_add_permission(self, _request: Any) -> bool:
        """Forbid adding: issues are composed with the action of publications."""
        return False

    def has_delete_permission(self, _request: Any, _issue: Issue | None = None) -> bool:
        """Forbid deleting: issues are cancelled at the desk, so that their number is not used again."""
        return False

    def has_change_permission(self, request: Any, obj: Issue | None = None) -> bool:
        """Return whether the user may change an issue, which also depends on its state."""
        return super().has_change_permission(request, obj) and (obj is None or not why_not_edit(obj))

    def save_model(self, request: Any, obj: Issue, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Save the texts, all or none, with the function that the desk calls."""
        words = {field: form.cleaned_data[field] for field in ("subject", "preheader", "opening", "seen")}
        edit_issue_texts.set_texts(obj, **words)
