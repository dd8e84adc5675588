"""The articles, and by what the inbox of articles sorts, filters and searches them."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from newsletter.articles.models.source import Source
from newsletter.articles.search_index import Listing, write_listings
from newsletter.articles.search_words import search_words


class ArticleManager(models.Manager["Article"]):
    """Keeps the listing of every article that is added."""

    def bulk_create(self, objs: Iterable["Article"], *arguments: Any, **named: Any) -> list["Article"]:
        """Add the articles and their listings."""
        articles = super().bulk_create(objs, *arguments, **named)
        list_articles(articles)
        return articles


class Article(models.Model):
    """One published piece, cleaned: its HTML is safe and its links are absolute.

    `identity` is given once and stays; later readings find the article by `url_key`, `guid_key` and
    `content_hash` (recognise_articles.py). `fingerprint` tells whether anything has changed since it was stored.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="articles")
    identity = models.CharField(max_length=32, unique=True, editable=False)
    url = models.CharField(max_length=2000, blank=True)
    guid = models.CharField(max_length=2000, blank=True)
    url_key = models.CharField(max_length=32, blank=True, db_index=True, editable=False)
    guid_key = models.CharField(max_length=32, blank=True, editable=False)
    content_hash = models.CharField(max_length=32, db_index=True, editable=False)
    fingerprint = models.CharField(max_length=32, blank=True, editable=False)

    title = models.CharField(max_length=500)
    standfirst = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    authors = models.JSONField(default=list, blank=True)
    topics = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=35, blank=True)
    image_url = models.CharField(max_length=2000, blank=True)
    image_alt = models.CharField(max_length=500, blank=True)
    image_width = models.PositiveIntegerField(null=True, blank=True)
    image_height = models.PositiveIntegerField(null=True, blank=True)

    duration_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="How long the recording is."
    )
    published_at = models.DateTimeField(null=True, blank=True)
    # For one that waited, when it stopped waiting: pause_articles_of_redesigned_sources.py.
    found_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Found while its source had changed: no draft takes it by itself until somebody has accepted the change.
    waiting_since = models.DateTimeField(null=True, blank=True, editable=False)
    excluded = models.BooleanField(default=False, help_text="Never use this article in an issue.")
    # What the site says in the fields that an editor has changed for good: change_article.py.
    as_on_site = models.JSONField(null=True, blank=True, editable=False)
    picture = models.ForeignKey(
        "newsletter.OriginalPicture",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="articles",
        help_text="A picture that an editor uploaded. If empty, we use the picture from the site.",
    )

    objects = ArticleManager()

    class Meta:
        ordering = ("-published_at", "-id")
        indexes = (
            models.Index(fields=("-published_at",), name="article_published"),
            # Few articles are any of these. Without an index, SQLite would read the text of all others to find them.
            models.Index(fields=("id",), condition=models.Q(excluded=True), name="article_excluded"),
            models.Index(fields=("id",), condition=~models.Q(withdrawn_at=None), name="article_withdrawn"),
            models.Index(fields=("id",), condition=~models.Q(edited_at=None), name="article_edited"),
            models.Index(fields=("id",), condition=~models.Q(waiting_since=None), name="article_waiting"),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *arguments: Any, **named: Any) -> None:
        """Save the article, and its listing if that changes."""
        super().save(*arguments, **named)
        fields = named.get("update_fields")
        if fields is None or not LISTED.isdisjoint(fields):
            list_articles([self])


class ArticleListing(models.Model):
    """What the inbox of articles is sorted, filtered and searched by, apart from their long texts.

    `words` is what search_words.py makes of an article. Each database has an index of these words:
    search_index.py.
    """

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="listing"
    )
    source = models.ForeignKey(Source, on_delete=models.CASCADE, db_index=False, related_name="+")
    shown_at = models.DateTimeField()
    words = models.TextField()

    class Meta:
        indexes = (
            models.Index(fields=("-shown_at", "-article"), name="listing_shown"),
            models.Index(fields=("source", "-shown_at", "-article"), name="listing_source"),
        )

    def __str__(self) -> str:
        return str(self.article_id)


LISTED = frozenset({"source", "title", "standfirst", "authors", "topics", "published_at", "found_at"})


def list_articles(articles: Iterable[Article]) -> None:
    """Write the listings of articles again from their fields."""
    write_listings(
        Listing(
            article=article.pk,
            source=article.source_id,
            shown_at=article.published_at or article.found_at,
            words=search_words(article.title, article.standfirst, article.authors, article.topics),
        )
        for article in articles
    )


class WrittenArticle(models.Model):
    """The Markdown of an article that an editor wrote here, so that it can be edited."""

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="written"
    )
    markdown = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.article_id)
