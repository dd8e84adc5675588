"""What holds for an article besides its text: what it promotes.

Most articles have no row: it exists only if something is set.
"""

from django.db import models

from newsletter.articles.models import Article
from newsletter.articles.steps.identity_keys import key_of


class Promotes(models.TextChoices):
    """What an article or a block asks readers for, besides giving information."""

    SERVICES = "services", "Our own services or events"
    GOODS = "goods", "Goods that we sell"
    CAMPAIGN = "campaign", "A campaign of ours"
    OTHERS = "others", "Somebody else"


class ArticleTerms(models.Model):
    """What an article promotes, for all issues. Empty means that it only informs."""

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="terms_row"
    )
    promotes = models.CharField(max_length=20, choices=Promotes, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"Terms of article {self.article_id}"


TERMS = ("promotes",)


def terms_of(article: Article) -> ArticleTerms:
    """Return the terms of an article, which are not stored if there are none."""
    return ArticleTerms.objects.filter(article=article).first() or ArticleTerms(article=article)


def values_of_terms(terms: ArticleTerms) -> dict[str, str]:
    """Return what editors can set, by the names in TERMS."""
    return {name: getattr(terms, name) for name in TERMS}


def terms_seen(terms: ArticleTerms) -> str:
    """Return a digest of what editors can set, which tells one version from another."""
    return key_of(*values_of_terms(terms).values())
