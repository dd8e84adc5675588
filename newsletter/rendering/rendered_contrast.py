"""Finds text in a rendered email that is hard to read on its background, by day and in dark mode.

The email's styles are inline, and its dark colours are in a media query, as `inline_css.py` and the frame of every
email leave them. Other ways of writing a colour than `#rrggbb` and `#rgb` are not compared.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from newsletter.rendering.readable_colours import LEAST_CONTRAST, contrast

LIGHT, DARK = "light", "dark"
_NIGHT = re.compile(r"@media \(prefers-color-scheme:dark\)\{\n?(.*?)\n\}", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([\w-]+):([^!{}]+)!important\}")
_HEX = re.compile(r"#[0-9a-f]{6}")
_UNSEEN = re.compile(r"display:\s*none|max-height:\s*0")
_NOT_TEXT = ("style", "script", "title", "head")
LONGEST_SHOWN = 40
MAX_STYLES = 1_000
Declarations = dict[str, str]


class HardToRead(NamedTuple):
    """A text with too little contrast: in which mode, its beginning, and its colours."""

    mode: str
    text: str
    colour: str
    background: str
    ratio: float


def hard_to_read(html: str) -> list[HardToRead]:
    """Return each pair of colours in which text is hard to read, once for each mode, with the first such text."""
    from lxml import html as lxml_html

    document = lxml_html.document_fromstring(html)
    night = _night_styles(document, html)
    found: dict[tuple[str, str, str], HardToRead] = {}
    for mode, changes in ((LIGHT, {}), (DARK, night)):
        for text, *colours in _texts(document, changes, "#000000", "#ffffff"):
            colour, background = map(_with_six_digits, colours)
            if not (_HEX.fullmatch(colour) and _HEX.fullmatch(background)):
                continue
            ratio = contrast(colour, background)
            if ratio < LEAST_CONTRAST:
                found.setdefault(
                    (mode, colour, background), HardToRead(mode, text, colour, background, ratio)
                )
    return list(found.values())


def styles_of(element: Any) -> Declarations:
    """Return the inline declarations of an element, by property, in lower case."""
    style = element.get("style")
    return dict(_declarations(style)) if style else {}


@lru_cache(maxsize=MAX_STYLES)
def _declarations(style: str) -> tuple[tuple[str, str], ...]:
    # The elements of an email have few different styles, and each is read for every element inside.
    pairs = (each.partition(":") for each in style.split(";"))
    return tuple(
        (name.strip().lower(), value.replace("!important", "").strip().lower())
        for name, _, value in pairs
        if value
    )


def _with_six_digits(colour: str) -> str:
    """Return `#aabbcc` for `#abc`, which premailer writes, and for black and white."""
    if re.fullmatch(r"#[0-9a-f]{3}", colour):
        return "#" + "".join(digit * 2 for digit in colour[1:])
    return {"black": "#000000", "white": "#ffffff"}.get(colour, colour)


def _night_styles(document: Any, html: str) -> dict[Any, Declarations]:
    """Return what dark mode changes in each element: of two rules, the more specific one, or else the later one."""
    from cssselect import parse
    from lxml.cssselect import CSSSelector

    found: dict[Any, dict[str, tuple[tuple[int, int, int], str]]] = {}
    block = _NIGHT.search(html)
    for selectors, name, value in _RULE.findall(block[1]) if block else ():
        for selector in selectors.split(","):
            specificity = parse(selector.strip())[0].specificity()
            matching = CSSSelector(selector.strip())(document)
            for element in matching if isinstance(matching, list) else ():
                changes = found.setdefault(element, {})
                if name not in changes or specificity >= changes[name][0]:
                    changes[name] = specificity, value.strip().lower()
    return {element: {name: value for name, (_, value) in each.items()} for element, each in found.items()}


def _texts(
    element: Any, changes: Mapping[Any, Declarations], colour: str, background: str
) -> Iterator[tuple[str, str, str]]:
    """Yield each text below an element with its colour and background."""
    if not isinstance(element.tag, str) or element.tag in _NOT_TEXT:
        return
    styles = styles_of(element) | changes.get(element, {})
    if _UNSEEN.search(element.get("style") or ""):
        return
    colour = styles.get("color", colour)
    own = changes.get(element, {}).get("background-color") or styles.get("background-color")
    background = own or (element.get("bgcolor") or background).lower()
    if words := (element.text or "").strip():
        yield words[:LONGEST_SHOWN], colour, background
    for child in element:
        yield from _texts(child, changes, colour, background)
        if words := (child.tail or "").strip():
            yield words[:LONGEST_SHOWN], colour, background
