"""Marks an article "not for the e-news". Doors do it through issues/exclude_articles.py, which writes down who did."""

from newsletter.articles.models import Article
from newsletter.errors import NotFound

LARGEST_ID = 2**63 - 1


def find_article(number: int) -> Article:
    """The article with this number. Raises NotFound."""
    found = Article.objects.filter(pk=number).first() if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"There is no article {number}. `newsletter articles list` shows their numbers.")
    return found


def set_excluded(number: int, *, excluded: bool) -> tuple[Article, bool]:
    """Mark an article, and say whether it was marked otherwise before. Raises NotFound."""
    article = find_article(number)
    differs = article.excluded is not excluded
    article.excluded = excluded
    article.save(update_fields=["excluded"])
    return article, differs
