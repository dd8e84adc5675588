"""What holds for an article besides its text: what it promotes, and on which terms its text and picture may be reused.

Most articles have no row: it exists only if something is set. reuse_terms.py says what the terms mean.
"""

from django.db import models

from newsletter.articles.article_keys import key_of
from newsletter.articles.models import Article

LONGEST = 300
LONGEST_RIGHTS = 500


class Promotes(models.TextChoices):
    """What an article or a block asks readers for, besides giving information."""

    SERVICES = "services", "Our own services or events"
    GOODS = "goods", "Goods that we sell"
    CAMPAIGN = "campaign", "Our own campaign"
    OTHERS = "others", "Somebody else"


class Mailing(models.TextChoices):
    """Whether an article may be emailed, if somebody has decided that."""

    ALLOWED = "yes", "Yes, we have permission"
    FORBIDDEN = "no", "No"


class ArticleTerms(models.Model):
    """The terms of an article, for all issues. What editors set is empty unless they set it.

    `licence` is a name or a URL. `site_licence` and `site_rights` are what its site says, and `site_forbids` whether
    that forbids emailing the article.
    """

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="terms_row"
    )
    promotes = models.CharField(max_length=20, choices=Promotes, blank=True, default="", db_default="")
    mailing = models.CharField(max_length=3, choices=Mailing, blank=True, default="", db_default="")
    licence = models.CharField(max_length=LONGEST, blank=True, default="", db_default="")
    attribution = models.CharField(max_length=LONGEST, blank=True, default="", db_default="")
    picture_licence = models.CharField(max_length=LONGEST, blank=True, default="", db_default="")
    picture_attribution = models.CharField(max_length=LONGEST, blank=True, default="", db_default="")
    site_licence = models.CharField(max_length=LONGEST, blank=True, default="", db_default="", editable=False)
    site_rights = models.CharField(
        max_length=LONGEST_RIGHTS, blank=True, default="", db_default="", editable=False
    )
    site_forbids = models.BooleanField(default=False, db_default=False, editable=False)

    def __str__(self) -> str:
        return f"Terms of article {self.article_id}"


TERMS = ("promotes", "mailing", "licence", "attribution", "picture_licence", "picture_attribution")


def terms_of(article: Article) -> ArticleTerms:
    """Return the terms of an article, which are not stored if there are none."""
    return ArticleTerms.objects.filter(article=article).first() or ArticleTerms(article=article)


def values_of_terms(terms: ArticleTerms) -> dict[str, str]:
    """Return what editors can set, by the names in TERMS."""
    return {name: getattr(terms, name) for name in TERMS}


def terms_seen(terms: ArticleTerms) -> str:
    """Return a digest of what editors can set, which tells one version from another."""
    return key_of(*values_of_terms(terms).values())
