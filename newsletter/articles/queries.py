"""Which articles a person asks to see."""

from datetime import UTC, datetime

from django.db.models import F, QuerySet

from newsletter.articles.models import Article
from newsletter.articles.sources import find_source


def latest_articles(
    *, source: str = "", topic: str = "", since: datetime | None = None, withdrawn: bool = False
) -> QuerySet[Article]:
    """Articles newest first, those without a date last; withdrawn ones where they are asked for, and only them.

    A topic fits whatever its case. Raises NotFound for a source that is not there.
    """
    articles = Article.objects.filter(withdrawn_at__isnull=not withdrawn)
    if source:
        articles = articles.filter(source=find_source(source))
    if topic:
        articles = articles.filter(pk__in=_with_topic(articles, topic))
    if since:
        articles = articles.filter(published_at__gte=since.replace(tzinfo=since.tzinfo or UTC))
    newest_first = articles.order_by(F("published_at").desc(nulls_last=True), "-pk")
    return newest_first.select_related("source").prefetch_related("references", "corrections")


def _with_topic(articles: QuerySet[Article], topic: str) -> list[int]:
    wanted = topic.strip().casefold()
    return [
        number
        for number, topics in articles.values_list("pk", "topics")
        if any(str(it).casefold() == wanted for it in topics)
    ]
