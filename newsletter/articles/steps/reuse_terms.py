"""Make plain texts of what a source says about reusing an article, and see whether it forbids that."""

from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.http.clean_urls import absolute
from subscribers.phrases import shortened

LONGEST_LICENCE = 300
LONGEST_RIGHTS = 500
# More of a licence is not looked at.
_READ = 4_000
# Longer rights are taken to forbid reuse, because nobody has read them to the end.
_READ_OF_RIGHTS = 200_000


def read_reuse_terms(article: IncomingArticle) -> None:
    """Write the licence as a URL or a few words, and the rights as words."""
    from newsletter.articles.words_of_reuse import forbids_copies

    licence = article.licence.strip()[:_READ]
    if licence.lower().startswith(("http:", "https:", "//", "/")):
        url = absolute(licence, article.base_url or article.url)
        article.licence = url if len(url) <= LONGEST_LICENCE else ""
    else:
        article.licence = shortened(plain(licence), LONGEST_LICENCE)
    is_too_long = len(article.rights) > _READ_OF_RIGHTS
    rights = plain(article.rights[:_READ_OF_RIGHTS], decodings=2)
    article.forbids_reuse = is_too_long or forbids_copies(rights) or forbids_copies(article.licence)
    article.rights = shortened(rights, LONGEST_RIGHTS)
