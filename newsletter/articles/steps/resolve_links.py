"""Resolve the addresses of an article and of its HTML: absolute, without tracking; images that count readers go."""

import html
import re
from dataclasses import dataclass, field, replace

from newsletter.articles.html_and_text.html_to_text import markup_as_words
from newsletter.articles.html_and_text.image_sources import best_source
from newsletter.articles.html_and_text.judge_images import (
    is_emoji,
    is_picture,
    is_tracking_pixel,
    pixels,
    stands_for_words,
)
from newsletter.articles.incoming_article import Image, IncomingArticle
from newsletter.http.clean_urls import absolute, followable, target_of, without_tracking
from subscribers.clean_text import folded

LONGEST = 5_000_000  # of HTML, once each relative link has become absolute

# Every start tag of the sanitiser's is matched whole, so that no match begins within an attribute of another.
_START_TAG = re.compile(r'<([a-z][a-z0-9]*)((?: [\w-]+="[^"]*")*)>')
_LINKING = frozenset({"a", "img", "blockquote", "q", "del", "ins"})
_ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|\Z)",
    re.IGNORECASE,
)


# As high as a line: it stands for text.
_AS_A_LETTER = re.compile(r"(?:\A|[;\s])(?:max-)?height\s*:\s*[0-2](?:\.\d+)?r?em\b", re.IGNORECASE)


@dataclass(slots=True)
class Resolved:
    """Safe HTML and the images that stand in it, in order."""

    html: str
    images: list[Image] = field(default_factory=list)


def resolve_links(article: IncomingArticle) -> None:
    """Resolve the article's address, those of its image and references, and the links and images of its safe HTML.

    What nobody can follow is dropped. `body_images` become the images of the body.
    """
    article.url = followable(article.url, article.base_url)
    article.base_url = absolute(article.base_url, article.url) or article.url
    if article.image:
        url = followable(article.image.url, article.base_url)
        article.image = replace(article.image, url=url) if url else None
    article.images = tuple(
        replace(each, url=url) for each in article.images if (url := followable(each.url, article.base_url))
    )
    article.references = tuple(
        replace(given, url=followable(given.url, article.base_url)) for given in article.references
    )
    body, summary = (
        _resolved(markup, article.base_url) for markup in (article.body_html, article.safe_summary_html)
    )
    article.body_html, article.body_images = body.html, tuple(body.images)
    article.safe_summary_html = summary.html


def _resolved(markup: str, base: str) -> Resolved:
    result = Resolved("")
    result.html = _START_TAG.sub(lambda found: _rewritten(found, base, result.images), markup).strip()
    return result if len(result.html) <= LONGEST else Resolved(markup_as_words(markup))


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
        target = without_tracking(target_of(absolute(attributes.pop(name), base)))
        attributes = {**({name: target} if target else {}), **attributes}
    return _tag(tag, attributes)


def _image(attributes: dict[str, str], base: str, images: list[Image]) -> str:
    address = best_source(attributes, base)
    style = attributes.get("style", "")
    width, height = (attributes.get(side) or _styled(side, style) for side in ("width", "height"))
    image = Image(
        url=address,
        alt=folded(attributes.get("alt", "")),
        width=pixels(width),
        height=pixels(height),
        marks=attributes.get("class", "") + (" emoji" if _AS_A_LETTER.search(style) else ""),
    )
    if "mwe-math-fallback" in image.marks:
        return ""  # MediaWiki writes the formula before it
    if stands_for_words(image) or (is_emoji(image) and not is_picture(image)):
        return html.escape(image.alt, quote=False)
    hidden = _HIDING_STYLE.search(style) or "0" in {width, height}
    if not address or hidden or is_tracking_pixel(image):
        return ""
    images.append(image)
    kept = {"src": image.url, "alt": image.alt, "width": image.width, "height": image.height}
    kept["title"] = attributes.get("title")
    return _tag("img", {name: str(value) for name, value in kept.items() if value is not None})


def _styled(side: str, style: str) -> str | None:
    """A side in pixels as the style states it."""
    found = re.search(rf"(?:\A|[;\s]){side}\s*:\s*(\d{{1,5}})px", style)
    return found[1] if found else None


def _tag(tag: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {name}="{_quoted(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"


def _quoted(value: str) -> str:
    return html.escape(value, quote=False).replace('"', "&quot;")
