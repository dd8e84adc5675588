"""The places that articles are read from, and the errors of reading them."""

from django.db import models


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
        MARKDOWN = "markdown", "Folder of Markdown files"
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


# The kinds of source that can be fetched, as people type them.
FETCHED_KINDS = tuple(
    kind.value for kind in Source.Kind if kind not in (Source.Kind.LINKS, Source.Kind.WRITTEN)
)


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
