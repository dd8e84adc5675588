"""Tries a source: reads it now, and says what a fetch would bring, without storing anything."""

from dataclasses import dataclass
from datetime import datetime

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import prepare, with_keys
from newsletter.articles.load_known_articles import find_stored_articles
from newsletter.articles.models import Source
from newsletter.articles.read_source import read_source
from newsletter.articles.recognise_articles import recognise

NEWEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingArticle:
    """An article as the source has it now. One that is not new is in the database already."""

    title: str
    published_at: datetime | None
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlesToCome:
    """The newest articles that a source has now, and how many it has in all and new ones among them.

    `trouble` says what could not be read of it, or is empty.
    """

    newest: tuple[ComingArticle, ...]
    total: int
    new: int
    trouble: str = ""


def articles_to_come(source: Source) -> ArticlesToCome:
    """Read the first page of a source now, also if it is paused. Nothing is stored, and no fetch is put off.

    Raises NewsletterError with a sentence that says why it cannot be read.
    """
    require_role(Role.EDITOR, "Testing a source", publication=ANY)
    content = read_source(source, force=True)
    reading = content.reading
    articles = with_keys(source, prepare(reading, source_language=source.language)) if reading else []
    matches = recognise(articles, find_stored_articles(source, articles))
    found = [(article, match is None) for article, match in zip(articles, matches, strict=True)]
    newest = sorted(found, key=lambda each: _age(each[0]))[:NEWEST]
    return ArticlesToCome(
        newest=tuple(
            ComingArticle(
                title=plain(article.title) or article.url, published_at=article.published_at, is_new=is_new
            )
            for article, is_new in newest
        ),
        total=len(found),
        new=sum(is_new for _article, is_new in found),
        trouble=content.trouble,
    )


def _age(article: IncomingArticle) -> float:
    """Return a key that puts the newest first, and articles without a date last."""
    return -article.published_at.timestamp() if article.published_at else 0.0
