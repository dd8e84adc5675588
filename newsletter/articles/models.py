"""Where articles come from, the articles, and what they rest on."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from newsletter.articles.search_index import Listing, write_listings
from newsletter.articles.search_words import search_words


class Source(models.Model):
    """A place that articles are read from.

    `location` is a web address, or, only where `from_this_machine` is set, the path of a file or folder here.
    `credentials` is the `name:password` that its address was given with, or the key of an API, for the host in
    `location` alone: no door shows them, and fetching sends them nowhere else.
    A source that is not active was removed while issues still needed its articles: nothing fetches it. Nothing fetches
    the sources of the kinds LINKS and WRITTEN either: they hold the articles that editors add one by one.
    """

    class Kind(models.TextChoices):
        FEED = "feed", "RSS or Atom feed"
        JSON_FEED = "json_feed", "JSON Feed"
        WORDPRESS = "wordpress", "WordPress site"
        GHOST = "ghost", "Ghost site"
        NEWS_SITEMAP = "news_sitemap", "News sitemap"
        CROSSREF = "crossref", "Crossref"
        MARKDOWN = "markdown", "Folder of Markdown"
        WEB_PAGE = "web_page", "Web page"
        LINKS = "links", "Added by link"
        WRITTEN = "written", "Written here"

    name = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, blank=True)
    location = models.CharField(max_length=2000, unique=True)
    credentials = models.CharField(max_length=2000, blank=True, editable=False)
    language = models.CharField(max_length=35, blank=True)
    from_this_machine = models.BooleanField(default=False, editable=False)
    active = models.BooleanField(default=True)
    paused_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the source was paused. We only fetch a paused source if somebody asks us to.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    document_hash = models.CharField(max_length=32, blank=True, editable=False)
    # Later pages that could not be read, one address a line: the next fetch goes on there.
    unread_pages = models.TextField(blank=True, editable=False, default="", db_default="")
    # Pages of a news sitemap that could not be read, each with the number of attempts: read_sitemap_pages.py.
    failing_pages = models.JSONField(null=True, blank=True, editable=False)
    # What the last fetch could not read, in sentences; empty if it read the whole source.
    incomplete = models.TextField(blank=True, editable=False, default="", db_default="")
    # How its documents usually are, and since when and in what they are not: detect_redesigned_source.py.
    shape = models.JSONField(null=True, blank=True, editable=False)
    changed_since = models.DateTimeField(null=True, blank=True, editable=False)
    change = models.TextField(blank=True, editable=False, default="", db_default="")
    fetched_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    # When somebody asked for a fetch that has not ended yet.
    fetch_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.title or self.name


class SourceFailure(models.Model):
    """An error that fetches of a source met, one after another: from the first until the last, and how often."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="past_failures")
    sentence = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.sentence


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


class Reference(models.Model):
    """What an article rests on, a response of others to it, or the retraction of what it rests on.

    Every reference is here, whether its source named it or an editor added it. `csl` has its details as CSL-JSON
    (https://docs.citationstyles.org/), if they are known, and `citation` is the text that readers see in full. It is
    `formatted` if it was made of `csl` when the reference came from its source.
    A reference that the source does not name is `added_here`. If an editor changed or removed one that the source names
    or named, `as_at_source` has what the source says, so that the next fetch does not bring it back
    (write_references.py).
    """

    class Kind(models.TextChoices):
        STUDY = "study", "Study"
        REPORT = "report", "Report"
        GUIDELINE = "guideline", "Guideline"
        RESPONSE = "response", "Response by others"
        RETRACTION = "retraction", "Retraction notice"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="references")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.STUDY)
    position = models.PositiveIntegerField(default=0)
    citation = models.TextField()
    url = models.CharField(max_length=2000, blank=True)
    doi = models.CharField(max_length=300, blank=True)
    csl = models.JSONField(null=True, blank=True)
    formatted = models.BooleanField(default=False, db_default=False, editable=False)
    added_here = models.BooleanField(default=False, db_default=False, editable=False)
    as_at_source = models.JSONField(null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.citation

    @property
    def link(self) -> str:
        """The address to follow: the given one, else the DOI's resolver (https://www.doi.org)."""
        return self.url or (f"https://doi.org/{self.doi}" if self.doi else "")

    @property
    def has_short_form(self) -> bool:
        """Whether emails show it in short and web pages in full, because its text is not that of its source."""
        return bool(self.csl) and (self.formatted or self.added_here or self.as_at_source is not None)


class ArticleReview(models.Model):
    """When somebody last checked an article against the evidence, and when the next check is due.

    Without `due_on`, the rules of a publication for the article's topics say when it is due (topic_rules.py).
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="review")
    reviewed_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return str(self.article_id)


class Correction(models.Model):
    """What was put right in an article after it was published.

    `text` says what is right. A source gives only this and the day. `made_at` is set for a correction that an editor
    made here. The source never changes or removes it.
    """

    class Severity(models.TextChoices):
        MINOR = "minor", "Minor"
        SIGNIFICANT = "significant", "Significant"
        SERIOUS = "serious", "Serious"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="corrections")
    corrected_on = models.DateField()
    said = models.TextField(blank=True, default="", db_default="", help_text="What the article said.")
    text = models.TextField(help_text="What is correct.")
    why = models.TextField(blank=True, default="", db_default="", help_text="How the mistake happened.")
    wrong_since = models.DateField(
        null=True, blank=True, help_text="The first day on which the article was wrong."
    )
    severity = models.CharField(
        max_length=20,
        choices=Severity,
        blank=True,
        default="",
        db_default="",
        help_text="How serious the mistake is. Empty for a correction from a source.",
    )
    made_at = models.DateTimeField(
        null=True, blank=True, help_text="When an editor made the correction. Empty if it came from a source."
    )
    made_by = models.CharField(max_length=150, blank=True, default="", db_default="")

    class Meta:
        ordering = ("corrected_on", "id")
        indexes = (models.Index(fields=("corrected_on",), name="correction_day"),)

    def __str__(self) -> str:
        return self.text
