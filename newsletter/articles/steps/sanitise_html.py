"""Make HTML from outside safe: a short list of tags, and nothing that runs. Addresses and images are resolved next."""

import html
import re
from functools import cache
from typing import TYPE_CHECKING

from newsletter.articles.html_and_text.html_to_text import markup_as_words
from newsletter.articles.html_and_text.image_sources import IMAGE_ADDRESSES
from newsletter.articles.html_and_text.rewrite_html_in_linear_time import bounded
from newsletter.articles.incoming_article import IncomingArticle
from subscribers.clean_text import printable

if TYPE_CHECKING:
    import nh3

ROUNDS = 4

_TAG_NAMES = """
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub summary sup
    table tbody td tfoot th thead time tr u ul var wbr
"""
_DROPPED_NAMES = """
    script style iframe noscript noembed noframes object applet form button select textarea datalist svg math
    template title head audio video canvas frameset
"""
# Blocks that an email has no use for are blocks all the same, or their words would be glued to those before and after.
_AS_DIV = re.compile(
    r"<(/?)(?:address|article|aside|center|fieldset|footer|header|hgroup|legend|main|nav|search|section)(?=[\s/>])",
    re.IGNORECASE,
)
_TAGS = set(_TAG_NAMES.split())
_DROPPED_WHOLE = set(_DROPPED_NAMES.split())
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    # Read by `use_marks`, and gone after it.
    **{name: {"class"} for name in ("div", "p", "span", "ul", "ol", "figure", "figcaption", "table")},
    "a": {"href", "title"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "img": {
        *IMAGE_ADDRESSES,
        *("alt", "title", "width", "height", "style", "class"),
    },
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}


@cache
def _cleaner() -> "nh3.Cleaner":
    import nh3

    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    )


def sanitise(article: IncomingArticle) -> None:
    """Make the body and the summary safe; without a body the summary is the body.

    Their links and images stay as they are: `resolve_links` has to follow before anybody sees them.
    """
    body = article.html or article.summary_html
    summary = article.summary_html if article.html and article.summary_html != article.html else ""
    article.body_html, article.safe_summary_html = (_sanitised(markup) for markup in (body, summary))


def _sanitised(markup: str) -> str:
    # Line ends as any parser of HTML reads them: https://html.spec.whatwg.org/multipage/parsing.html#preprocessing-the-input-stream
    markup = printable(markup).replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in markup and "&" not in markup:
        # As the cleaner writes text, so that cleaning again changes nothing.
        return html.escape(markup, quote=False).strip().replace("\xa0", "&nbsp;")
    markup = _AS_DIV.sub(r"<\1div", markup)
    markup = bounded(markup.replace("\xa0", "&nbsp;"), _TAGS | _DROPPED_WHOLE, _ATTRIBUTES)
    return _settled(markup)


def _settled(markup: str) -> str:
    """Clean the markup until another round changes nothing, so that a browser reads it as we did."""
    for _ in range(ROUNDS):
        cleaned = printable(_cleaner().clean(markup))
        if cleaned == markup:
            return cleaned
        markup = cleaned
    return markup_as_words(markup)
