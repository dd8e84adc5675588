"""Drop what publishing programs add to texts: "The post … appeared first on …", "Continue reading", "[…]"."""

import re

from newsletter.articles.html_and_text.feed_phrases import says_where_published_first
from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.incoming_article import IncomingArticle

_OPENING = re.compile(r"<[a-z]")


def drop_feed_phrases(article: IncomingArticle) -> None:
    """Drop the last paragraph of the body if all it says is where the text was published first."""
    body = article.body_html
    start = body.rfind("<p>")
    last, end, closing = body[start:].partition("</p>") if start >= 0 else ("", "", "")
    if (
        end
        and not _OPENING.search(closing)
        and not plain(closing)
        and says_where_published_first(plain(last))
    ):
        article.body_html = f"{body[:start].rstrip()}{closing.strip()}"
