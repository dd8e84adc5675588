"""Where articles come from, the articles, and what they rest on."""

from newsletter.articles.models.article import (
    LISTED,
    Article,
    ArticleListing,
    ArticleManager,
    WrittenArticle,
    list_articles,
)
from newsletter.articles.models.evidence import ArticleReview, Correction, Reference
from newsletter.articles.models.source import FETCHED_KINDS, Source, SourceFailure

__all__ = (
    "FETCHED_KINDS",
    "LISTED",
    "Article",
    "ArticleListing",
    "ArticleManager",
    "ArticleReview",
    "Correction",
    "Reference",
    "Source",
    "SourceFailure",
    "WrittenArticle",
    "list_articles",
)
