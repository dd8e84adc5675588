"""Plain words out of what sources send: no markup, no control characters, nothing that a database refuses."""

import html
import re

_UNSTORABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202d\u202e]"
)
_DIRECTING = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"[\s\u200b\u2028\u2029]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HIDDEN = re.compile(
    r"<(script|style|template|svg|math|noscript|iframe)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<(?:/?[A-Za-z]|!--|!\[CDATA\[|!DOCTYPE|\?xml)(?:[^<>\"]|\"[^\"<>]*\")*>", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|ruby|s|samp|small|span|strong|sub|sup|u|var|wbr)"
    r"(?:\s[^<>]*)?>",
    re.IGNORECASE,
)


def storable(text: str) -> str:
    """The text without what PostgreSQL or XML refuses (NUL, controls, lone surrogates) or what reorders it."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSTORABLE.sub("", text)


def folded(text: str) -> str:
    """One line: storable, runs of white space as one space, no directing characters that could reorder a page."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACE.sub(" ", _DIRECTING.sub("", storable(_SPACE.sub(" ", text)))).strip()


def plain(markup: str, *, decodings: int = 1) -> str:
    """The words of a piece of HTML on one line; `decodings` says how often entities may be decoded."""
    text = markup
    for _ in range(decodings):
        if "<" in text:
            text = without_tags(text)
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return folded(text)


def without_tags(markup: str) -> str:
    """The markup with inline tags joined up, other tags as a space, and scripts and styles gone."""
    if "</" in markup or "<s" in markup.lower():
        markup = _HIDDEN.sub(" ", markup)
    return _TAG.sub(" ", _INLINE.sub("", markup))


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there are any, with an ellipsis where cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    if space > limit // 2:
        cut = cut[:space]
    return cut.rstrip(" ,;:–—-") + "…"
