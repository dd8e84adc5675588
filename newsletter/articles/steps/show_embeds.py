"""Turn what an email cannot show into words and links before it is dropped: players, formulas, pictures loaded late."""

import html
import html.entities
import re

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.steps.formulas import formulas_as_text
from newsletter.articles.steps.shortcodes import without_shortcodes
from newsletter.http.web_addresses import host_of

EMBEDDED = "embedded"  # the class of a link that stands for a player, until `use_marks` drops it
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
_FRAME = re.compile(r"<(?:iframe|embed)\b([^<>]{0,2000})>(?:[^<]{0,300}</iframe\s*>)?", re.IGNORECASE)
_PLAYER = re.compile(
    r"<(video|audio)\b([^<>]{0,2000})>((?:(?!<(?:video|audio)\b).){0,4000}?)</\1\s*>",
    re.IGNORECASE | re.DOTALL,
)
_AMP = re.compile(r"<(/?)amp-(img|video|audio|iframe)\b", re.IGNORECASE)
_PICTURE = re.compile(
    r"<picture\b[^<>]{0,500}>((?:(?!<picture\b).){0,9000}?)</picture\s*>", re.IGNORECASE | re.DOTALL
)
_IMAGE = re.compile(r"<img\b([^<>]{0,3000})>", re.IGNORECASE)
_OBJECT = re.compile(
    r"<object\b([^<>]{0,2000})>((?:(?!<object\b).){0,6000}?)</object\s*>", re.IGNORECASE | re.DOTALL
)
_PARAMETER = re.compile(r"<param\b([^<>]{0,2000})>", re.IGNORECASE)
_ELEMENT = re.compile(
    r"<(lite|amp)-(youtube|vimeo|dailymotion)\b([^<>]{0,2000})>(?:(?:(?!<\1-).){0,2000}?</\1-\2\s*>)?",
    re.IGNORECASE | re.DOTALL,
)
_PAGES = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
}
_POST = re.compile(
    r"<(?:blockquote|div)\b[^<>]{0,2000}?\bdata-(?:instgrm-permalink|href)\s*=\s*"
    r"[\"'](https?://[^\"'<>\s]{1,500})[\"'][^<>]{0,2000}>",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"<script\b[^<>]{0,500}?src\s*=\s*[\"'](https://gist\.github\.com/[\w/-]{1,200})\.js[^<>]{0,200}>\s*</script\s*>",
    re.IGNORECASE,
)
_TEX = re.compile(
    r"(?:<span class=[\"']MathJax_Preview[\"'][^<>]{0,200}>[^<]{0,500}</span>\s*)?"
    r"<script\b[^<>]{0,200}?type\s*=\s*[\"']math/tex[^<>]{0,200}>((?:(?!<script\b).){0,2000}?)</script\s*>",
    re.IGNORECASE | re.DOTALL,
)
_DRAWN_BY_MATHJAX = re.compile(r"class=[\"'](?:mjx-chtml )?MathJax(?:_CHTML|_SVG|_Display)?[\"' ]")
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
_NOTHING_TO_SEE = re.compile(
    r"//(?:[\w-]+\.)*(?:googletagmanager|doubleclick|googlesyndication|amazon-adsystem|adnxs|disqus|scorecardresearch)\.\w+/"
    r"|/plugins/(?:like|likebox|share_button|follow|comments)\.php|platform\.twitter\.com/widgets/\w*_button",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"<source\b([^<>]{0,2000})>", re.IGNORECASE)
_LATE = re.compile(
    r"(?:<img\b[^<>]{0,3000}>\s*)?<noscript\b[^<>]{0,200}>\s*(<img\b[^<>]{0,3000}>)\s*</noscript\s*>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([\w-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_WHERE_FRAMES_STAND = ("src", "data-src", "data-lazy-src", "data-litespeed-src", "data-cmp-src", "data-url")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NO_SIDE = frozenset({"0", "1", "0px", "1px"})
_EMBEDDED = (
    (
        re.compile(r"//(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v)/([\w-]{6,20})"),
        "https://www.youtube.com/watch?v={}",
    ),
    (re.compile(r"//player\.vimeo\.com/video/(\d{3,15})"), "https://vimeo.com/{}"),
    (
        re.compile(r"//(?:www\.)?dailymotion\.com/embed/video/(\w{3,20})"),
        "https://www.dailymotion.com/video/{}",
    ),
    (re.compile(r"//open\.spotify\.com/embed/([\w/]{5,60})"), "https://open.spotify.com/{}"),
)
_VIDEO_HOSTS = re.compile(
    r"youtube|vimeo|dailymotion|wistia|videopress|loom\.com|peertube|/video", re.IGNORECASE
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
    if _UNSEEN.search(markup) or "hidden" in markup:
        markup = _BOX.sub(_marked_if_hidden, markup)
    markup = _PICTURE.sub(_picture, markup)
    markup = embeds_as_words(_CODE.sub(_code, _LATE.sub(r"\1", markup)))
    markup = _DRAWING.sub(_words_of_drawing, _POST.sub(lambda found: _post(found, markup), markup))
    markup = _ALONE.sub(_address_alone, markup)
    return (
        markup if re.search(r"<(?:code|pre)\b", markup, re.IGNORECASE) else _TWICE.sub(_decoded_once, markup)
    )


def embeds_as_words(markup: str) -> str:
    """Return HTML, of a piece or of a whole page, with links instead of players and text instead of formulas."""
    if not _DRAWN_BY_MATHJAX.search(markup):
        markup = _TEX.sub(lambda found: html.escape(found[1].strip(), quote=False), markup)
    markup = _OBJECT.sub(_object, _ELEMENT.sub(_element, formulas_as_text(markup)))
    return _PLAYER.sub(_player, _FRAME.sub(_frame, markup))


def _frame(found: re.Match[str]) -> str:
    given = _attributes(found[1])
    named = (given.get(name, "") for name in _WHERE_FRAMES_STAND)
    address = next((each for each in named if re.match(r"(?:https?:)?//", each, re.IGNORECASE)), "")
    unseen = _UNSEEN.search(given.get("style", "")) or _NO_SIDE & {given.get("width"), given.get("height")}
    if unseen or not address or _NOTHING_TO_SEE.search(address):
        return ""
    return _linked(address, given.get("title", ""))


def _linked(address: str, title: str) -> str:
    kind = "Video" if _VIDEO_HOSTS.search(address) else "Embedded page"
    for pattern, page in _EMBEDDED:
        if known := pattern.search(address):
            address = page.format(known[1])
    return _link(address, title, kind)


def _picture(found: re.Match[str]) -> str:
    """The image of a `<picture>`; where it only holds a place, with the addresses of the first of its sources."""
    image = _IMAGE.search(found[1])
    if not image or not _attributes(image[1]).get("src", "data:").startswith("data:"):
        return image[0] if image else found[1]
    given = [_attributes(source[1]) for source in _SOURCE.finditer(found[1])]
    sets = [each.get("data-srcset") or each.get("srcset") or "" for each in given]
    chosen = next((each for each in sets if each and not each.startswith("data:")), "")
    return f'<img data-srcset="{html.escape(chosen)}"{image[1]}>' if chosen else image[0]


def _object(found: re.Match[str]) -> str:
    """A link to what an old plug-in would play; without one, what stands there for browsers that lack it."""
    given = _attributes(found[1])
    named = [_attributes(parameter[1]) for parameter in _PARAMETER.finditer(found[2])]
    told = [
        given.get("data", ""),
        *(each.get("value", "") for each in named if each.get("name") in {"movie", "src"}),
    ]
    told += [_attributes(frame[1]).get("src", "") for frame in _FRAME.finditer(found[2])]
    for address in told:
        if re.match(r"(?:https?:)?//", address, re.IGNORECASE) and not address.partition("?")[0].endswith(
            ".swf"
        ):
            return _linked(address, given.get("title", ""))
    return _FRAME.sub("", _PARAMETER.sub("", found[2]))


def _element(found: re.Match[str]) -> str:
    given = _attributes(found[3])
    number = given.get("videoid") or given.get("data-videoid") or ""
    if not re.fullmatch(r"[\w-]{3,20}", number):
        return found[0]
    title = given.get("playlabel") or given.get("title") or ""
    return _link(_PAGES[found[2].lower()].format(number), title, "Video")


def _code(found: re.Match[str]) -> str:
    return _link(found[1], "", "Code")


def _post(found: re.Match[str], markup: str) -> str:
    address = html.unescape(found[1]).partition("?")[0]
    known = found[0].lower().count("data-instgrm") or re.search(r"\bfb-(?:post|video)\b", found[0])
    if not known or f' href="{address}' in markup:
        return found[0]
    return f"{found[0]}{_link(address, '', 'Post')}"


def _words_of_drawing(found: re.Match[str]) -> str:
    """The words that a drawing shows; its title and description are not seen."""
    words = (re.sub(r"<[^<>]{0,500}>", " ", text[1]) for text in _DRAWN_WORDS.finditer(found[1]))
    return " ".join(" ".join(words).split())


def _address_alone(found: re.Match[str]) -> str:
    """WordPress and others show a player where an address stands alone."""
    address = html.unescape(found[2])
    text = "" if _VIDEO_HOSTS.search(address) else address
    return found[1] + _link(address, text, "Video").removeprefix(f'<p class="{EMBEDDED}">').removesuffix(
        "</p>"
    )


def _marked_if_hidden(found: re.Match[str]) -> str:
    given = _attributes(found[2])
    hidden = _UNSEEN.search(given.get("style", "")) or _HIDDEN.search(_QUOTED.sub("", found[2]))
    if not hidden or _OPENED.search(found[2]):
        return found[0]
    return f'<{found[1]} class="hidden-by-its-source">'


def _player(found: re.Match[str]) -> str:
    given = _attributes(found[2])
    source = _SOURCE.search(found[3])
    address = given.get("src") or (_attributes(source[1]).get("src", "") if source else "")
    if not address or address.startswith(("data:", "blob:")):
        return ""
    return _link(address, given.get("title") or given.get("aria-label", ""), found[1].capitalize())


def _link(address: str, title: str, kind: str) -> str:
    host = host_of(address).removeprefix("www.")
    text = title.strip() or (f"{kind} ({host})" if host else kind)
    return f'<p class="{EMBEDDED}"><a href="{html.escape(address)}">{html.escape(text, quote=False)}</a></p>'


def _attributes(written: str) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(written)
    return {each[1].lower(): html.unescape(each[2] or each[3] or each[4] or "") for each in found}


def _decoded_once(found: re.Match[str]) -> str:
    known = found[1][0] == "#" or f"{found[1]};" in html.entities.html5
    return f"&{found[1]};" if known and found[1].lower() not in _ABOUT_MARKUP else found[0]
