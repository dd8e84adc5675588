"""Make HTML from outside safe: a short list of tags, absolute links, honest images, nothing that runs or spies."""

import html
import re
from dataclasses import dataclass, field

import nh3

from newsletter.articles.incoming_article import Image, IncomingArticle
from newsletter.articles.steps.lead_image import is_tracking_pixel, pixels
from newsletter.articles.steps.plain_text import folded, markup_as_words, storable
from newsletter.articles.well_nested import ampersands_escaped, well_nested
from newsletter.http.url_cleaning import absolute, followable, without_tracking

LONGEST = 500_000
LONGEST_WITH_LINKS = 5_000_000  # once each relative link has become absolute
ROUNDS = 4
# Up to this length, whatever is in it costs the cleaner's parser a few milliseconds.
LONGEST_AS_IT_IS = 10_000

_TAG_NAMES = """
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small strike strong sub summary sup
    table tbody td tfoot th thead time tr u ul var wbr
"""
_DROPPED_NAMES = """
    script style iframe noscript noembed noframes object applet form button select textarea datalist svg math
    template title head audio video canvas frameset
"""
_TAGS = set(_TAG_NAMES.split())
_DROPPED_WHOLE = set(_DROPPED_NAMES.split())
_SOURCES = ("src", "data-src", "data-lazy-src", "data-original", "srcset", "data-srcset")
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "img": {*_SOURCES, "alt", "title", "width", "height", "style"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED_WHOLE,
    attributes=_ATTRIBUTES,
    link_rel=None,
    url_schemes={"http", "https", "mailto", "tel"},
)

# Every start tag of the cleaner's is matched whole, so that no match begins within an attribute of another.
_START_TAG = re.compile(r'<([a-z][a-z0-9]*)((?: [\w-]+="[^"]*")*)>')
_LINKING = frozenset({"a", "img", "blockquote", "q", "del", "ins"})
_ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|\Z)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Body:
    """Safe HTML and the images that stand in it, in order."""

    html: str
    images: list[Image] = field(default_factory=list)


def sanitise(article: IncomingArticle) -> None:
    """Make the body and the summary safe, and note the images of the body; without a body the summary is the body."""
    body = safe(article.html or article.summary_html, article.base_url)
    article.body_html, article.body_images = body.html, tuple(body.images)
    if article.html and article.summary_html != article.html:
        article.safe_summary_html = safe(article.summary_html, article.base_url).html


def safe(markup: str, base: str = "") -> Body:
    """Sanitise a piece of HTML; links and images are resolved against `base`."""
    # Line ends as any parser of HTML reads them: https://html.spec.whatwg.org/multipage/parsing.html#preprocessing-the-input-stream
    markup = storable(markup).replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in markup and "&" not in markup:
        # As the cleaner writes text, so that cleaning again changes nothing.
        return Body(html.escape(markup, quote=False).strip().replace("\xa0", "&nbsp;"))
    body = Body("")
    settled = _settled(_bounded(markup))
    body.html = _START_TAG.sub(lambda found: _rewritten(found, base, body.images), settled).strip()
    if len(body.html) > LONGEST_WITH_LINKS:
        return Body(markup_as_words(settled))
    return body


def _settled(markup: str) -> str:
    """Sanitised until another round changes nothing, so that no browser reads it differently than we did."""
    for _ in range(ROUNDS):
        cleaned = storable(_CLEANER.clean(markup))
        if cleaned == markup:
            return cleaned
        markup = cleaned
    return markup_as_words(markup)


def _bounded(markup: str) -> str:
    """HTML that the cleaner reads in time that grows with its length and no faster."""
    markup = ampersands_escaped(_cut(markup.replace("\xa0", "&nbsp;")))
    if len(markup) <= LONGEST_AS_IT_IS:
        return markup
    nested = well_nested(markup, _TAGS | _DROPPED_WHOLE, _ATTRIBUTES)
    return _cut(nested if nested is not None else markup_as_words(markup))


def _cut(markup: str) -> str:
    """The first half million characters, up to where a tag or a character reference begins."""
    if len(markup) <= LONGEST:
        return markup
    cut = max(markup.rfind("<", LONGEST // 2, LONGEST), markup.rfind("&", LONGEST - 40, LONGEST))
    return markup[: cut if cut > 0 else LONGEST]


def _rewritten(found: re.Match[str], base: str, images: list[Image]) -> str:
    tag, written = found[1], found[2]
    if tag not in _LINKING or (not written and tag != "img"):
        return found[0]
    attributes = {
        name: html.unescape(value) if "&" in value else value for name, value in _ATTRIBUTE.findall(written)
    }
    if tag == "img":
        return _image(attributes, base, images)
    name = "href" if tag == "a" else "cite"
    if name in attributes:
        target = without_tracking(absolute(attributes.pop(name), base))
        attributes = {**({name: target} if target else {}), **attributes}
    return _tag(tag, attributes)


def _image(attributes: dict[str, str], base: str, images: list[Image]) -> str:
    address = next(
        (found for name in _SOURCES if (found := _source(name, attributes.get(name, ""), base))), ""
    )
    width, height = (attributes.get(side) for side in ("width", "height"))
    image = Image(
        url=address, alt=folded(attributes.get("alt", "")), width=pixels(width), height=pixels(height)
    )
    hidden = _HIDING_STYLE.search(attributes.get("style", "")) or "0" in {width, height}
    if not address or hidden or is_tracking_pixel(image):
        return ""
    images.append(image)
    kept = {"src": image.url, "alt": image.alt, "width": image.width, "height": image.height}
    kept["title"] = attributes.get("title")
    return _tag("img", {name: str(value) for name, value in kept.items() if value is not None})


def _source(name: str, value: str, base: str) -> str:
    if not value:
        return ""
    if name.endswith("srcset"):
        value = (
            value.split(",", maxsplit=1)[0].split(maxsplit=1)[0]
            if value.split(",", maxsplit=1)[0].split()
            else ""
        )
    return followable(value, base)


def _tag(tag: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {name}="{_quoted(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"


def _quoted(value: str) -> str:
    return html.escape(value, quote=False).replace('"', "&quot;")
