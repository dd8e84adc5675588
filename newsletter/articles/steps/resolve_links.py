"""Make the addresses of an article absolute; drop those that nobody can follow. Links in its HTML come later."""

from dataclasses import replace

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.http.url_cleaning import absolute, followable


def resolve_links(article: IncomingArticle) -> None:
    """Resolve the article's own address, the base of its links, its image's address and those of its references."""
    article.url = followable(article.url, article.base_url)
    article.base_url = absolute(article.base_url, article.url) or article.url
    if article.image:
        url = followable(article.image.url, article.base_url)
        article.image = replace(article.image, url=url) if url else None
    article.references = tuple(
        replace(given, url=followable(given.url, article.base_url)) for given in article.references
    )
