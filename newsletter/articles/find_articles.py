"""Find the articles that a person asks for: one by its number, or the latest that fit."""

from datetime import UTC, datetime

from django.db.models import F, QuerySet

from newsletter.articles.models import Article, Source
from newsletter.articles.sources import find_source
from newsletter.errors import NotFound

LARGEST_ID = 2**63 - 1


def find_article(number: int) -> Article:
    """Return the article with this number. Raises NotFound."""
    found = Article.objects.filter(pk=number).first() if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(
            f"We could not find article {number}. To see the numbers of all articles, run `newsletter "
            "articles list`."
        )
    return found


def latest_articles(
    *, source: str = "", topic: str = "", since: datetime | None = None, withdrawn: bool = False
) -> QuerySet[Article]:
    """Return articles newest first, those without a date last; either withdrawn ones only, or none of them.

    The case of a topic does not matter. Raises NotFound for an unknown source.
    """
    articles = Article.objects.filter(withdrawn_at__isnull=not withdrawn)
    if source:
        added_here = Source.objects.filter(name=source, kind__in=(Source.Kind.LINKS, Source.Kind.WRITTEN))
        articles = articles.filter(source=added_here.first() or find_source(source))
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
