"""Marks an article "not for the e-news". Doors do it through issues/excluding.py, which writes down who did."""

from newsletter.articles.models import Article
from newsletter.errors import NotFound

LARGEST_ID = 2**63 - 1


def find_article(number: int) -> Article:
    """The article with this number. Raises NotFound."""
    found = Article.objects.filter(pk=number).first() if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"There is no article {number}. `newsletter articles list` shows their numbers.")
    return found


def mark(number: int, *, held_back: bool) -> tuple[Article, bool]:
    """Mark an article, and say whether it was marked otherwise before. Raises NotFound."""
    article = find_article(number)
    differs = article.held_back is not held_back
    article.held_back = held_back
    article.save(update_fields=["held_back"])
    return article, differs
