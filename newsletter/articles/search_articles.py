"""Search the articles that came in: by words, source, topic, date and state, newest first, one page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from newsletter.articles.article_keys import key_of
from newsletter.articles.models import Article, ArticleListing, Source
from newsletter.articles.search_index import articles_with
from newsletter.articles.search_words import topic_key, topic_mark, words_of
from newsletter.http.web_addresses import looks_like_address, url_key

AT_MOST = 50
MAX_WORDS = 12
"""Maximum number of words in a search. Further words are ignored."""


class State(StrEnum):
    """What became of an article. USABLE means neither excluded nor withdrawn, so that an issue can have it."""

    ALL = "all"
    USABLE = "usable"
    EXCLUDED = "excluded"
    WITHDRAWN = "withdrawn"
    EDITED = "edited"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSearch:
    """What to search for. Everything that is given must be true of an article; empty means any.

    `text` are words of its headline, standfirst, authors and topics, or the beginnings of such words, or its address.
    `source` is the name of a source. `since` and `before` are compared with the date of publication, or with the time
    at which we found an article without a date.
    """

    text: str = ""
    source: str = ""
    topic: str = ""
    since: datetime | None = None
    before: datetime | None = None
    state: State = State.ALL


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Some articles, newest first, and the cursor of the page after them; empty on the last page."""

    articles: list[Article]
    next_cursor: str


def search_articles(
    search: ArticleSearch,
    *,
    within: QuerySet[Article] | None = None,
    besides: QuerySet[Article] | None = None,
    after: str = "",
    at_most: int = AT_MOST,
) -> ArticlePage:
    """Return a page of the articles that fit, each with its source and without its text.

    `within` and `besides` are articles that must, or must not, be among them, such as those of issues.article_uses.
    `after` is the cursor of an earlier page; a cursor that cannot be read gives the first page.
    """
    listings = _listings(search)
    if within is not None:
        listings = listings.filter(article__in=within.order_by().values("pk"))
    if besides is not None:
        listings = listings.exclude(article__in=besides.order_by().values("pk"))
    if position := _position(after):
        shown_at, number = position
        # The first condition lets the database begin in the middle of its index.
        listings = listings.filter(
            Q(shown_at__lte=shown_at), Q(shown_at__lt=shown_at) | Q(article__lt=number)
        )
    rows = list(listings.order_by("-shown_at", "-article").values_list("article", "shown_at")[: at_most + 1])
    shown = rows[:at_most]
    articles = Article.objects.select_related("source", "picture").defer("body_html")
    by_number = articles.in_bulk([number for number, _shown_at in shown])
    return ArticlePage(
        [by_number[number] for number, _shown_at in shown if number in by_number],
        _cursor(*shown[-1]) if len(rows) > at_most else "",
    )


def topics_in_use(*, at_most: int = 100) -> list[str]:
    """Return the topics of the latest articles, the most frequent first, each in the spelling that is used most."""
    latest = ArticleListing.objects.order_by("-shown_at", "-article").values("article")[:_LOOKED_AT]
    counts: dict[str, int] = {}
    for topics in Article.objects.filter(pk__in=list(latest.values_list("article", flat=True))).values_list(
        "topics", flat=True
    ):
        for topic in topics:
            counts[str(topic)] = counts.get(str(topic), 0) + 1
    return sorted(counts, key=lambda topic: (-counts[topic], topic))[:at_most]


def sentences_about_unused_topics(topics: Iterable[str]) -> dict[str, str]:
    """Return a sentence for each of the topics that no article has. A rule for it would never apply."""
    wanted = {topic_key(topic): topic for topic in topics if topic}
    return {
        topic: f"No article has the topic “{topic}” yet."
        for topic in wanted.values()
        if not search_articles(ArticleSearch(topic=topic), at_most=1).articles
    }


_LOOKED_AT = 500


def _listings(search: ArticleSearch) -> QuerySet[ArticleListing]:
    listings = ArticleListing.objects.all()
    if search.source:
        listings = listings.filter(source__in=list(Source.objects.filter(name=search.source)))
    if search.since:
        listings = listings.filter(shown_at__gte=search.since)
    if search.before:
        listings = listings.filter(shown_at__lt=search.before)
    return _with_state(_with_words(listings, search), search.state)


def _with_words(listings: QuerySet[ArticleListing], search: ArticleSearch) -> QuerySet[ArticleListing]:
    text = search.text.strip()
    marks = [topic_mark(search.topic)] if search.topic.strip() else []
    if "/" in text and looks_like_address(text):
        there = Article.objects.filter(url_key=key_of(url_key(text)))
        listings = listings.filter(article__in=there.order_by().values("pk"))
        words = []
    else:
        words = words_of(text)[:MAX_WORDS]
        if text and not words:
            return listings.none()
    return listings.filter(article__in=articles_with(words, marks)) if words or marks else listings


def _with_state(listings: QuerySet[ArticleListing], state: State) -> QuerySet[ArticleListing]:
    excluded = Article.objects.filter(excluded=True).order_by().values("pk")
    withdrawn = Article.objects.exclude(withdrawn_at=None).order_by().values("pk")
    match state:
        case State.ALL:
            return listings
        case State.USABLE:
            return listings.exclude(article__in=excluded).exclude(article__in=withdrawn)
        case State.EXCLUDED:
            return listings.filter(article__in=excluded)
        case State.WITHDRAWN:
            return listings.filter(article__in=withdrawn)
        case State.EDITED:
            return listings.filter(
                article__in=Article.objects.exclude(edited_at=None).order_by().values("pk")
            )
        case State.WAITING:
            return listings.filter(
                article__in=Article.objects.exclude(waiting_since=None).order_by().values("pk")
            )


def _cursor(number: int, shown_at: datetime) -> str:
    return f"{shown_at.timestamp():.6f}-{number}"


def _position(cursor: str) -> tuple[datetime, int] | None:
    moment, _dash, number = cursor.rpartition("-")
    try:
        return datetime.fromtimestamp(float(moment), UTC), int(number)
    except (ValueError, OverflowError, OSError):
        return None
