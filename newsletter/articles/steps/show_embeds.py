"""Turn what an email cannot show into words and links before it is dropped: players, formulas, pictures loaded late."""

import html
import html.entities
import re

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.steps.formulas import formulas_as_text
from newsletter.http.web_addresses import host_of

_EMBEDS = re.compile(r"<(?:iframe|video|audio|noscript|embed|(?:[\w-]{1,10}:)?math)\b", re.IGNORECASE)
_FRAME = re.compile(r"<(?:iframe|embed)\b([^>]{0,2000})>(?:[^<]{0,300}</iframe\s*>)?", re.IGNORECASE)
_PLAYER = re.compile(r"<(video|audio)\b([^>]{0,2000})>(.{0,4000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_SOURCE = re.compile(r"<source\b([^>]{0,2000})>", re.IGNORECASE)
_LATE = re.compile(
    r"(?:<img\b[^>]{0,3000}>\s*)?<noscript\b[^>]{0,200}>\s*(<img\b[^>]{0,3000}>)\s*</noscript\s*>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([\w-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
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
_ABOUT_MARKUP = frozenset({"lt", "gt", "amp", "quot", "apos", "#60", "#62", "#38", "#34", "#39"})


def show_embeds(article: IncomingArticle) -> None:
    """Write a link instead of each player and text instead of each formula, and decode what was escaped twice."""
    article.html, article.summary_html = _shown(article.html), _shown(article.summary_html)


def _shown(markup: str) -> str:
    if not _EMBEDS.search(markup) and "&amp;" not in markup:
        return markup
    markup = formulas_as_text(_LATE.sub(r"\1", markup))
    markup = _PLAYER.sub(_player, _FRAME.sub(_frame, markup))
    return (
        markup if re.search(r"<(?:code|pre)\b", markup, re.IGNORECASE) else _TWICE.sub(_decoded_once, markup)
    )


def _frame(found: re.Match[str]) -> str:
    given = _attributes(found[1])
    address = given.get("src") or given.get("data-src") or given.get("data-lazy-src") or ""
    unseen = _UNSEEN.search(given.get("style", "")) or _NO_SIDE & {given.get("width"), given.get("height")}
    if unseen or not re.match(r"(?:https?:)?//", address, re.IGNORECASE):
        return ""
    kind = "Video" if _VIDEO_HOSTS.search(address) else "Embedded page"
    for pattern, page in _EMBEDDED:
        if known := pattern.search(address):
            address = page.format(known[1])
    return _link(address, given.get("title", ""), kind)


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
    return f'<p><a href="{html.escape(address)}">{html.escape(text, quote=False)}</a></p>'


def _attributes(written: str) -> dict[str, str]:
    found = _ATTRIBUTE.finditer(written)
    return {each[1].lower(): html.unescape(each[2] or each[3] or each[4] or "") for each in found}


def _decoded_once(found: re.Match[str]) -> str:
    known = found[1][0] == "#" or f"{found[1]};" in html.entities.html5
    return f"&{found[1]};" if known and found[1].lower() not in _ABOUT_MARKUP else found[0]
