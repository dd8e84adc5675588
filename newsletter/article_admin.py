"""The admin pages of sources and articles. Both are read from elsewhere, so little can be changed here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet

from newsletter.articles.models import Article, Source
from newsletter.articles.pause_articles_of_redesigned_sources import accept_change
from newsletter.articles.sources import describe_source
from newsletter.errors import NewsletterError
from newsletter.issues import exclude_articles
from subscribers.admin_refusals import ShowsRefusals

if TYPE_CHECKING:  # these classes of Django take their model only in its stubs
    SourceBase = admin.ModelAdmin[Source]
    ArticleBase = admin.ModelAdmin[Article]
else:
    SourceBase = ArticleBase = admin.ModelAdmin


@admin.register(Source)
class SourceAdmin(ShowsRefusals, SourceBase):
    """Sources as last fetched. They are added, after a check, and removed at the command line."""

    list_display = (
        "name",
        "title",
        "kind",
        "location",
        "active",
        "fetched_at",
        "error",
        "next_attempt_at",
        "change",
        "incomplete",
    )
    actions = ("accept_changes",)
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
        "changed_since",
        "change",
        "incomplete",
    )
    readonly_fields = (
        "name",
        "kind",
        "location",
        "active",
        "fetched_at",
        "error",
        "next_attempt_at",
        "changed_since",
        "change",
        "incomplete",
    )

    @admin.action(description="Accept the change", permissions=["change"])
    def accept_changes(self, request: Any, sources: QuerySet[Source]) -> None:
        """Accept the change to each source, or say why not."""
        for source in sources:
            try:
                released = accept_change(source)
                self.message_user(
                    request,
                    (
                        f"Accepted the change to {source}. Number of articles that can now be used in "
                        f"issues: {released}."
                    ),
                )
            except NewsletterError as error:
                self.message_user(request, str(error), messages.ERROR)

    def save_model(self, request: Any, obj: Source, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Save the fields that can be changed."""
        describe_source(obj, title=form.cleaned_data["title"], language=form.cleaned_data["language"])

    def has_add_permission(self, _request: Any) -> bool:
        """Forbid adding: `newsletter sources add` checks a source before saving it."""
        return False

    def has_delete_permission(self, _request: Any, _source: Source | None = None) -> bool:
        """Forbid deleting: `newsletter sources remove` keeps articles that issues have used."""
        return False


@admin.register(Article)
class ArticleAdmin(ShowsRefusals, ArticleBase):
    """Articles. They come from their sources and can only be excluded from the newsletter here."""

    list_display = ("title", "source", "published_at", "edited_at", "withdrawn_at", "excluded")
    list_filter = ("excluded", "source")
    list_select_related = ("source",)
    actions = ("exclude_articles", "include_articles")
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
        "excluded",
    )
    readonly_fields = fields[:-1]

    def save_model(self, request: Any, obj: Article, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Exclude the article, or include it again."""
        if "excluded" in form.changed_data:
            (exclude_articles.exclude_article if obj.excluded else exclude_articles.include_article)(obj.pk)

    @admin.action(description="Exclude the selected articles from all issues", permissions=["change"])
    def exclude_articles(self, request: Any, articles: QuerySet[Article]) -> None:
        """Exclude each article, or say why not."""
        self._mark(request, articles, exclude_articles.exclude_article, "Excluded")

    @admin.action(description="Allow the selected articles in issues again", permissions=["change"])
    def include_articles(self, request: Any, articles: QuerySet[Article]) -> None:
        """Include each article again, or say why not."""
        self._mark(request, articles, exclude_articles.include_article, "Included")

    def _mark(
        self, request: Any, articles: QuerySet[Article], act: Callable[[int], Article], did: str
    ) -> None:
        for article in articles:
            try:
                act(article.pk)
                self.message_user(request, f"{did}: {article}.")
            except NewsletterError as error:
                self.message_user(request, str(error), messages.ERROR)

    def has_add_permission(self, _request: Any) -> bool:
        """Forbid adding: articles come from their sources."""
        return False

    def has_delete_permission(self, _request: Any, _article: Article | None = None) -> bool:
        """Forbid deleting: a deleted article would come back with the next fetch."""
        return False
