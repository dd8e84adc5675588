"""Check the date of an article: in UTC, and no date that its publisher cannot have meant."""

from datetime import datetime, timedelta

from django.utils import timezone

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.parse_dates import in_utc

TOLERATED_AHEAD = timedelta(days=2)


def check_published_date(article: IncomingArticle) -> None:
    """Give the date in UTC; None where it lies so far ahead that nobody can have published the article then."""
    moment = in_utc(article.published_at) if article.published_at else None
    article.published_at = moment if moment and _is_plausible(moment) else None


def _is_plausible(moment: datetime) -> bool:
    return moment <= timezone.now() + TOLERATED_AHEAD
