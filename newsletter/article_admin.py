"""The admin of sources and articles: both are read from elsewhere, so little of them is changed here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet

from newsletter.articles.models import Article, Source
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

    def save_model(self, request: Any, obj: Source, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Save what may be said of it."""
        describe_source(obj, title=form.cleaned_data["title"], language=form.cleaned_data["language"])

    def has_add_permission(self, _request: Any) -> bool:
        """`newsletter sources add` looks at a source before it is saved."""
        return False

    def has_delete_permission(self, _request: Any, _source: Source | None = None) -> bool:
        """`newsletter sources remove` keeps what issues have used."""
        return False


@admin.register(Article)
class ArticleAdmin(ShowsRefusals, ArticleBase):
    """Articles are read from their sources; here they are only held back from the e-news."""

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
        """Hold it back or release it."""
        if "excluded" in form.changed_data:
            (exclude_articles.exclude_article if obj.excluded else exclude_articles.include_article)(obj.pk)

    @admin.action(description="Hold back from the e-news", permissions=["change"])
    def exclude_articles(self, request: Any, articles: QuerySet[Article]) -> None:
        """Hold each of them back, or say why not."""
        self._mark(request, articles, exclude_articles.exclude_article, "Held back")

    @admin.action(description="Release into the e-news", permissions=["change"])
    def include_articles(self, request: Any, articles: QuerySet[Article]) -> None:
        """Release each of them, or say why not."""
        self._mark(request, articles, exclude_articles.include_article, "Released")

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
        """An article comes from a source."""
        return False

    def has_delete_permission(self, _request: Any, _article: Article | None = None) -> bool:
        """A deleted article would come back with the next fetch."""
        return False
