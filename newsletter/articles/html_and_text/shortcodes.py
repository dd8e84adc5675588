"""Take WordPress shortcodes out of HTML that nobody rendered: https://codex.wordpress.org/Shortcode_API.

A caption becomes a caption and an embedded address a link. Of all others the words between their tags stay.
"""

import html
import re

_VALUE = (
    r"(?:\"[^\"\]]{0,1000}\"|'[^'\]]{0,1000}'|&[#\w]{2,8};[^\]&]{0,300}&[#\w]{2,8};|[^\s\[\]\"'&]{1,300})"
)
_SPACED = rf"(?:\s+[\w-]{{1,40}}\s*=\s*{_VALUE})"
_TAG = re.compile(
    rf"\[(?P<end>/?)(?P<name>[a-z][\w-]{{1,40}})(?P<given>{_SPACED}{{0,40}})\s*/?\]", re.IGNORECASE
)
_QUOTED = re.compile(r"=\s*[\"'&]")
# Names that no writer puts into brackets: WordPress's own, and those of page builders and forms.
_KNOWN = re.compile(
    r"(?:wp_)?caption|gallery|embed|playlist|(?:vc|et_pb|fusion|av|su|mk|tatsu|oxygen|cs|x)_\w+|siteorigin_widget"
    r"|contact-form(?:-7)?|wpforms|ninja_forms?|gravityforms?|mc4wp_form|rev_slider|metaslider|dropcap",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"\[(?P<name>(?:wp_)?caption)\b[^\[\]]{0,1000}\]\s*(?P<picture>(?:<a\b[^<>]{0,2000}>\s*)?<img\b[^<>]{0,3000}>(?:\s*</a>)?)"
    r"(?P<words>(?:(?!\[(?:wp_)?caption).){0,2000}?)\[/(?P=name)\]",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = r"(?P<address>https?://[^\s\"'<>\[\]]{1,1000})"
_EMBED = re.compile(
    rf"\[(?P<name>embed|youtube|vimeo|video|audio)\b(?:\s[^\[\]]{{0,300}}?)?\]\s*{_ADDRESS}\s*\[/(?P=name)\]"
    rf"|\[(?:youtube|vimeo|dailymotion)[\s=]+{_ADDRESS.replace('address', 'other')}[^\[\]]{{0,100}}\]"
    rf"|\[(?:video|audio)\s[^\[\]]{{0,300}}?=\s*[\"']{_ADDRESS.replace('address', 'file')}[\"'][^\[\]]{{0,300}}\]"
    r"(?:\s*\[/(?:video|audio)\])?",
    re.IGNORECASE,
)


def without_shortcodes(markup: str) -> str:
    """Return HTML without shortcodes; what stands in code is left alone."""
    if "[" not in markup or re.search(r"<(?:code|pre)\b", markup, re.IGNORECASE):
        return markup
    markup = _EMBED.sub(_linked, _CAPTION.sub(_captioned, markup))
    found = list(_TAG.finditer(markup))
    ended = {tag["name"].lower() for tag in found if tag["end"]}
    begun = {tag["name"].lower() for tag in found if not tag["end"]}
    told = {
        tag["name"].lower() for tag in found if _KNOWN.fullmatch(tag["name"]) or _QUOTED.search(tag["given"])
    }
    names = told | (ended & begun)
    return _TAG.sub(lambda tag: "" if tag["name"].lower() in names else tag[0], markup)


def _captioned(found: re.Match[str]) -> str:
    words = found["words"].strip()
    below = f"<figcaption>{words}</figcaption>" if words else ""
    return f"<figure>{found['picture']}{below}</figure>"


def _linked(found: re.Match[str]) -> str:
    address = html.unescape(found["address"] or found["other"] or found["file"])
    shown = html.escape(address)
    return f'<p><a href="{shown}">{shown}</a></p>'
