"""Turn what an email cannot show into words and links before it is dropped: players, formulas, pictures loaded late."""

import html
import html.entities
import re

from newsletter.articles.html_and_text.embeds_as_words import (
    EMBEDDED,
    SOURCE,
    UNSEEN,
    VIDEO_HOSTS,
    attributes_of,
    embeds_as_words,
    link_to,
)
from newsletter.articles.html_and_text.shortcodes import without_shortcodes
from newsletter.articles.incoming_article import IncomingArticle

# Signs in lower case that something here may have work to do; found faster than one expression for all of them.
_SIGNS = (
    *(
        "<iframe",
        "<video",
        "<audio",
        "<noscript",
        "<embed",
        "<object",
        "<picture",
        "<svg",
        "<script",
        "<lite-",
        "<amp-",
    ),
    *("math", "data-instgrm", "fb-post", "fb-video", "hidden", "none", "&amp;"),
)
_STANDS_ALONE = re.compile(r">\s*https?://", re.IGNORECASE)
_AMP = re.compile(r"<(/?)amp-(img|video|audio|iframe)\b", re.IGNORECASE)
_PICTURE = re.compile(
    r"<picture\b[^<>]{0,500}>((?:(?!<picture\b).){0,9000}?)</picture\s*>", re.IGNORECASE | re.DOTALL
)
_IMAGE = re.compile(r"<img\b([^<>]{0,3000})>", re.IGNORECASE)
_POST = re.compile(
    r"<(?:blockquote|div)\b[^<>]{0,2000}?\bdata-(?:instgrm-permalink|href)\s*=\s*"
    r"[\"'](https?://[^\"'<>\s]{1,500})[\"'][^<>]{0,2000}>",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"<script\b[^<>]{0,500}?src\s*=\s*[\"'](https://gist\.github\.com/[\w/-]{1,200})\.js[^<>]{0,200}>\s*</script\s*>",
    re.IGNORECASE,
)
_DRAWING = re.compile(r"<svg\b[^<>]{0,2000}>((?:(?!<svg\b).){0,50000}?)</svg\s*>", re.IGNORECASE | re.DOTALL)
_DRAWN_WORDS = re.compile(
    r"<text\b[^<>]{0,2000}>((?:(?!<text\b).){0,2000}?)</text\s*>", re.IGNORECASE | re.DOTALL
)
_ALONE = re.compile(
    r"(<(?:p|div|figure)\b[^<>]{0,500}>)\s*(https?://[^\s<>\"']{4,500})\s*(?=</(?:p|div|figure)\s*>)",
    re.IGNORECASE,
)
_BOX = re.compile(r"<(div|p|span|ul|table|figure|section|aside)\b([^<>]{1,3000})>", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_HIDDEN = re.compile(r"\shidden(?=[\s/=]|\Z)", re.IGNORECASE)
# What a reader can open is not hidden, and MediaWiki hides the formula that it also draws.
_OPENED = re.compile(
    r"mathml|spoiler|accordion|collaps|toggle|\btabs?\b|panel|faq|answer|more|until-found", re.IGNORECASE
)
_LATE = re.compile(
    r"(?:<img\b[^<>]{0,3000}>\s*)?<noscript\b[^<>]{0,200}>\s*(<img\b[^<>]{0,3000}>)\s*</noscript\s*>",
    re.IGNORECASE,
)
_TWICE = re.compile(r"&amp;(#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z]{2,31}[0-9]{0,2});")
# What stays escaped once more than it should be might be about HTML itself.
_ABOUT_MARKUP = frozenset({"lt", "gt", "#60", "#62"})


def show_embeds(article: IncomingArticle) -> None:
    """Write players as links and formulas as text, mark what is hidden, and decode what was escaped twice."""
    article.html, article.summary_html = _shown(article.html), _shown(article.summary_html)


def _shown(markup: str) -> str:
    markup = _AMP.sub(r"<\1\2", without_shortcodes(markup))
    lowered = markup.lower()
    if not any(sign in lowered for sign in _SIGNS) and not _STANDS_ALONE.search(markup):
        return markup
    if UNSEEN.search(markup) or "hidden" in markup:
        markup = _BOX.sub(_marked_if_hidden, markup)
    markup = _PICTURE.sub(_picture, markup)
    markup = embeds_as_words(_CODE.sub(_code, _LATE.sub(r"\1", markup)))
    markup = _DRAWING.sub(_words_of_drawing, _POST.sub(lambda found: _post(found, markup), markup))
    markup = _ALONE.sub(_address_alone, markup)
    return (
        markup if re.search(r"<(?:code|pre)\b", markup, re.IGNORECASE) else _TWICE.sub(_decoded_once, markup)
    )


def _picture(found: re.Match[str]) -> str:
    """The image of a `<picture>`; where it only holds a place, with the addresses of the first of its sources."""
    image = _IMAGE.search(found[1])
    if not image or not attributes_of(image[1]).get("src", "data:").startswith("data:"):
        return image[0] if image else found[1]
    given = [attributes_of(source[1]) for source in SOURCE.finditer(found[1])]
    sets = [each.get("data-srcset") or each.get("srcset") or "" for each in given]
    chosen = next((each for each in sets if each and not each.startswith("data:")), "")
    return f'<img data-srcset="{html.escape(chosen)}"{image[1]}>' if chosen else image[0]


def _code(found: re.Match[str]) -> str:
    return link_to(found[1], "", "Code")


def _post(found: re.Match[str], markup: str) -> str:
    address = html.unescape(found[1]).partition("?")[0]
    known = found[0].lower().count("data-instgrm") or re.search(r"\bfb-(?:post|video)\b", found[0])
    if not known or f' href="{address}' in markup:
        return found[0]
    return f"{found[0]}{link_to(address, '', 'Post')}"


def _words_of_drawing(found: re.Match[str]) -> str:
    """The words that a drawing shows; its title and description are not seen."""
    words = (re.sub(r"<[^<>]{0,500}>", " ", text[1]) for text in _DRAWN_WORDS.finditer(found[1]))
    return " ".join(" ".join(words).split())


def _address_alone(found: re.Match[str]) -> str:
    """WordPress and others show a player where an address stands alone."""
    address = html.unescape(found[2])
    text = "" if VIDEO_HOSTS.search(address) else address
    return found[1] + link_to(address, text, "Video").removeprefix(f'<p class="{EMBEDDED}">').removesuffix(
        "</p>"
    )


def _marked_if_hidden(found: re.Match[str]) -> str:
    given = attributes_of(found[2])
    hidden = UNSEEN.search(given.get("style", "")) or _HIDDEN.search(_QUOTED.sub("", found[2]))
    if not hidden or _OPENED.search(found[2]):
        return found[0]
    return f'<{found[1]} class="hidden-by-its-source">'


def _decoded_once(found: re.Match[str]) -> str:
    known = found[1][0] == "#" or f"{found[1]};" in html.entities.html5
    return f"&{found[1]};" if known and found[1].lower() not in _ABOUT_MARKUP else found[0]
