"""Holds an article back from the e-news, and releases it again."""

from newsletter.actors import Role, require
from newsletter.articles.models import Article
from newsletter.errors import NotFound

LARGEST_ID = 2**63 - 1


def find_article(number: int) -> Article:
    """The article with this number. Raises NotFound."""
    found = Article.objects.filter(pk=number).first() if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"There is no article {number}. `newsletter articles list` shows their numbers.")
    return found


def hold(number: int) -> Article:
    """Mark an article "not for the e-news": composing leaves it out, whatever later readings bring."""
    return _mark(number, held_back=True)


def release(number: int) -> Article:
    """Let an article that was held back into the e-news again."""
    return _mark(number, held_back=False)


def _mark(number: int, *, held_back: bool) -> Article:
    require(Role.EDITOR, "Holding articles back")
    article = find_article(number)
    article.held_back = held_back
    article.save(update_fields=["held_back"])
    return article
