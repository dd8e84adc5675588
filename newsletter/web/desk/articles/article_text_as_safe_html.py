"""The text of an article as pages of the desk show it: words, lists and links, and nothing that loads or runs."""

import html
import re
from functools import cache
from typing import TYPE_CHECKING

from newsletter.articles.models import Article

if TYPE_CHECKING:
    import nh3

_TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
    ),
    *(
        "b",
        "i",
        "sub",
        "sup",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "caption",
        "figcaption",
        "cite",
        "q",
    ),
}
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT = re.compile(r'\salt="([^"]*)"', re.IGNORECASE)
_HEADING = re.compile(r"<(/?)h([1-6])\b[^>]*>", re.IGNORECASE)


@cache
def _cleaner() -> "nh3.Cleaner":
    import nh3

    return nh3.Cleaner(
        tags=_TAGS,
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def readable_text(article: Article) -> str:
    """Return the text as HTML that is safe in a page of ours. A picture becomes its description in words.

    The stored text is safe already; this is a second wall, and keeps its headings below those of the page.
    """
    body = _IMAGE.sub(_picture_in_words, article.body_html)
    return _cleaner().clean(_HEADING.sub(lambda tag: f"<{tag[1]}h{3 if tag[2] in '123' else 4}>", body))


def _picture_in_words(image: re.Match[str]) -> str:
    alt = _ALT.search(image[0])
    words = html.unescape(alt[1]).strip() if alt else ""
    return f"<em>[Picture{': ' if words else ''}{html.escape(words)}]</em>"
