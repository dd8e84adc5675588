"""Leave out what the public may not read: published means that the source's own system would show it today.

A reader of a format says of each article whether it is hidden, and from when until when it is public. What was stored
before and has been hidden since is withdrawn.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from newsletter.articles.incoming_article import IncomingArticle, Reading


def published_only(reading: Reading) -> Reading:
    """Return the reading without the articles that are not public now; their URLs and GUIDs count as withdrawn."""
    now = timezone.now()
    if not any(_is_restricted(article) for article in reading.articles):
        return reading
    public = tuple(article for article in reading.articles if is_public(article, now))
    kept = set(_names(public))
    hidden = (article for article in reading.articles if not is_public(article, now))
    return replace(
        reading,
        articles=public,
        withdrawn=(*reading.withdrawn, *(name for name in _names(hidden) if name not in kept)),
        changes_with_time=any(_changes_after(article, now) for article in reading.articles),
    )


def is_public(article: IncomingArticle, now: datetime) -> bool:
    """Tell whether anyone may read the article at this moment."""
    begins, ends = article.public_from, article.public_until
    return not article.hidden and not (begins and begins > now) and not (ends and ends <= now)


def _is_restricted(article: IncomingArticle) -> bool:
    return article.hidden or article.public_from is not None or article.public_until is not None


def _changes_after(article: IncomingArticle, now: datetime) -> bool:
    return any(moment and moment > now for moment in (article.public_from, article.public_until))


def _names(articles: Iterable[IncomingArticle]) -> list[str]:
    return [name for article in articles for name in (article.url, article.guid) if name]
