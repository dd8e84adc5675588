"""Write players as links and formulas as text, in a piece of HTML or a whole page."""

import html
import re

from newsletter.articles.html_and_text.formulas import formulas_as_text
from newsletter.http.web_addresses import host_of

EMBEDDED = "embedded"  # the class of a link that stands for a player, until `use_marks` drops it
_FRAME = re.compile(r"<(?:iframe|embed)\b([^<>]{0,2000})>(?:[^<]{0,300}</iframe\s*>)?", re.IGNORECASE)
_PLAYER = re.compile(
    r"<(video|audio)\b([^<>]{0,2000})>((?:(?!<(?:video|audio)\b).){0,4000}?)</\1\s*>",
    re.IGNORECASE | re.DOTALL,
)
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
_TEX = re.compile(
    r"(?:<span class=[\"']MathJax_Preview[\"'][^<>]{0,200}>[^<]{0,500}</span>\s*)?"
    r"<script\b[^<>]{0,200}?type\s*=\s*[\"']math/tex[^<>]{0,200}>((?:(?!<script\b).){0,2000}?)</script\s*>",
    re.IGNORECASE | re.DOTALL,
)
_DRAWN_BY_MATHJAX = re.compile(r"class=[\"'](?:mjx-chtml )?MathJax(?:_CHTML|_SVG|_Display)?[\"' ]")
_NOTHING_TO_SEE = re.compile(
    r"//(?:[\w-]+\.)*(?:googletagmanager|doubleclick|googlesyndication|amazon-adsystem|adnxs|disqus|scorecardresearch)\.\w+/"
    r"|/plugins/(?:like|likebox|share_button|follow|comments)\.php|platform\.twitter\.com/widgets/\w*_button",
    re.IGNORECASE,
)
SOURCE = re.compile(r"<source\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_WHERE_FRAMES_STAND = ("src", "data-src", "data-lazy-src", "data-litespeed-src", "data-cmp-src", "data-url")
UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
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
VIDEO_HOSTS = re.compile(
    r"youtube|vimeo|dailymotion|wistia|videopress|loom\.com|peertube|/video", re.IGNORECASE
)


def embeds_as_words(markup: str) -> str:
    """Return HTML, of a piece or of a whole page, with links instead of players and text instead of formulas."""
    if not _DRAWN_BY_MATHJAX.search(markup):
        markup = _TEX.sub(lambda found: html.escape(found[1].strip(), quote=False), markup)
    markup = _OBJECT.sub(_object, _ELEMENT.sub(_element, formulas_as_text(markup)))
    return _PLAYER.sub(_player, _FRAME.sub(_frame, markup))


def _frame(found: re.Match[str]) -> str:
    given = attributes_of(found[1])
    named = (given.get(name, "") for name in _WHERE_FRAMES_STAND)
    address = next((each for each in named if re.match(r"(?:https?:)?//", each, re.IGNORECASE)), "")
    unseen = UNSEEN.search(given.get("style", "")) or _NO_SIDE & {given.get("width"), given.get("height")}
    if unseen or not address or _NOTHING_TO_SEE.search(address):
        return ""
    return _linked(address, given.get("title", ""))


def _linked(address: str, title: str) -> str:
    kind = "Video" if VIDEO_HOSTS.search(address) else "Embedded page"
    for pattern, page in _EMBEDDED:
        if known := pattern.search(address):
            address = page.format(known[1])
    return link_to(address, title, kind)


def _object(found: re.Match[str]) -> str:
    """A link to what an old plug-in would play; without one, what stands there for browsers that lack it."""
    given = attributes_of(found[1])
    named = [attributes_of(parameter[1]) for parameter in _PARAMETER.finditer(found[2])]
    told = [
        given.get("data", ""),
        *(each.get("value", "") for each in named if each.get("name") in {"movie", "src"}),
    ]
    told += [attributes_of(frame[1]).get("src", "") for frame in _FRAME.finditer(found[2])]
    for address in told:
        if re.match(r"(?:https?:)?//", address, re.IGNORECASE) and not address.partition("?")[0].endswith(
            ".swf"
        ):
            return _linked(address, given.get("title", ""))
    return _FRAME.sub("", _PARAMETER.sub("", found[2]))


def _element(found: re.Match[str]) -> str:
    given = attributes_of(found[3])
    number = given.get("videoid") or given.get("data-videoid") or ""
    if not re.fullmatch(r"[\w-]{3,20}", number):
        return found[0]
    title = given.get("playlabel") or given.get("title") or ""
    return link_to(_PAGES[found[2].lower()].format(number), title, "Video")


def _player(found: re.Match[str]) -> str:
    given = attributes_of(found[2])
    source = SOURCE.search(found[3])
    address = given.get("src") or (attributes_of(source[1]).get("src", "") if source else "")
    if not address or address.startswith(("data:", "blob:")):
        return ""
    return link_to(address, given.get("title") or given.get("aria-label", ""), found[1].capitalize())


def link_to(address: str, title: str, kind: str) -> str:
    """Return the paragraph with a link that stands for a player, named by its title or else by its kind and host."""
    host = host_of(address).removeprefix("www.")
    text = title.strip() or (f"{kind} ({host})" if host else kind)
    return f'<p class="{EMBEDDED}"><a href="{html.escape(address)}">{html.escape(text, quote=False)}</a></p>'


def attributes_of(written: str) -> dict[str, str]:
    """Return the attributes that are written in a start tag, by their names in lower case."""
    found = _ATTRIBUTE.finditer(written)
    return {each[1].lower(): html.unescape(each[2] or each[3] or each[4] or "") for each in found}
