"""Make plain texts of what a source says about reusing an article, and see whether it forbids that."""

import re

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.steps.plain_text import plain
from newsletter.http.clean_urls import absolute
from subscribers.phrases import shortened

LONGEST_LICENCE = 300
LONGEST_RIGHTS = 500
# More of it is not looked at.
_READ = 4_000
_FORBIDS = re.compile(
    r"\b(?:may|must|can|shall|should)\s?not be\s(?:\w+\s|\w+,\s){0,6}?"
    r"(?:reproduced|redistributed|republished|distributed|rebroadcast|reprinted|emailed|copied)|"
    r"\bno (?:part|portion)\b[^.]{0,60}\b(?:reproduced|redistributed|republished|distributed)|"
    r"\b(?:redistribution|reproduction|republication|republishing)\b[^.]{0,40}\b(?:prohibited|forbidden|not permitted|"
    r"not allowed)|"
    r"\bdo not (?:reproduce|redistribute|republish|distribute|email|copy)\b",
    re.IGNORECASE,
)


def read_reuse_terms(article: IncomingArticle) -> None:
    """Write the licence as a URL or a few words, and the rights as words."""
    licence = article.licence.strip()[:_READ]
    if licence.lower().startswith(("http:", "https:", "//", "/")):
        url = absolute(licence, article.base_url or article.url)
        article.licence = url if len(url) <= LONGEST_LICENCE else ""
    else:
        article.licence = shortened(plain(licence), LONGEST_LICENCE)
    rights = plain(article.rights[:_READ], decodings=2)
    article.forbids_reuse = bool(_FORBIDS.search(f"{rights}\n{article.licence}"))
    article.rights = shortened(rights, LONGEST_RIGHTS)
