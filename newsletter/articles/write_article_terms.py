"""Writes what sites say about reusing their articles. What editors set stays."""

from collections.abc import Iterable

from django.db.models import Q

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.models import Article
from subscribers.database import portions

ROWS_AT_ONCE = 500
_OF_SITE = ("site_licence", "site_rights", "site_forbids")


def write_site_terms(pairs: Iterable[tuple[Article, IncomingArticle]], *, are_new: bool = False) -> None:
    """Store the terms of these articles, and forget those that their sites no longer state."""
    silent, rows = [], []
    for article, given in pairs:
        if not (given.licence or given.rights):
            silent.append(article.pk)
            continue
        rows.append(
            ArticleTerms(
                article=article,
                site_licence=given.licence,
                site_rights=given.rights,
                site_forbids=given.forbids_reuse,
            )
        )
    if rows:
        ArticleTerms.objects.bulk_create(
            rows,
            batch_size=ROWS_AT_ONCE,
            update_conflicts=True,
            unique_fields=("article",),
            update_fields=_OF_SITE,
        )
    for some in () if are_new else portions(silent):
        said = ArticleTerms.objects.filter(Q(site_licence__gt="") | Q(site_rights__gt=""), article__in=some)
        said.update(site_licence="", site_rights="", site_forbids=False)
