"""What pages say about an article: its marks, what it lacks, and the issues that have it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsletter.articles.models import Article, Source
from newsletter.issues.article_uses import issues_with
from newsletter.issues.models import Issue, Item
from newsletter.web.desk.articles.short_dates import Dates, ShownDate


@dataclass(frozen=True, slots=True)
class Mark:
    """A badge: its label and tone."""

    label: str
    tone: str = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """An article with what a list shows beside it. `missing` is what an email would have to do without."""

    article: Article
    date: ShownDate
    marks: Sequence[Mark]
    missing: Sequence[str]
    items: Sequence[Item]


def article_rows(articles: Sequence[Article], dates: Dates) -> list[ArticleRow]:
    """Return articles with what a list shows beside them, in two queries."""
    items = issues_with(list(articles))
    return [article_row(article, items.get(article.pk, []), dates) for article in articles]


def article_row(article: Article, items: Sequence[Item], dates: Dates) -> ArticleRow:
    """Return one article with what a list shows beside it."""
    return ArticleRow(
        article=article,
        date=dates.of(article.published_at or article.found_at),
        marks=list(_marks(article, items)),
        missing=list(_missing(article)),
        items=items,
    )


def _missing(article: Article) -> Iterable[str]:
    """Yield what the layout of an email asks for and the article lacks."""
    if not (article.image_url or article.picture_id):
        yield "picture"
    if not article.standfirst:
        yield "summary"
    if article.published_at is None:
        yield "date"


def _marks(article: Article, items: Sequence[Item]) -> Iterable[Mark]:
    if article.withdrawn_at:
        yield Mark("Withdrawn by its source", "alarm")
    if article.excluded:
        yield Mark("Excluded")
    if article.waiting_since:
        yield Mark("Waiting for somebody to check its source", "warn")
    if article.edited_at:
        sent = [
            item.issue.sent_at
            for item in items
            if item.issue.state == Issue.State.SENT and item.issue.sent_at
        ]
        later = sent and min(sent) < article.edited_at
        yield Mark("Edited since it was sent", "warn") if later else Mark("Edited")
    if article.as_on_site or article.picture_id:
        yield (
            Mark("Changed in the desk")
            if article.source.kind != Source.Kind.WRITTEN
            else Mark("Picture added in the desk")
        )
