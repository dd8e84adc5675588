"""Which features of caniemail.com a declaration, a selector or a rule of CSS needs."""

import re
from collections.abc import Iterator

from newsletter.preflight.css_rules import CssRule

FUNCTIONS = {
    "var": "css-variables",
    "calc": "css-unit-calc",
    "clamp": "css-function-clamp",
    "min": "css-function-min",
    "max": "css-function-max",
    "light-dark": "css-function-light-dark",
    "linear-gradient": "css-linear-gradient",
    "radial-gradient": "css-radial-gradient",
    "conic-gradient": "css-conic-gradient",
    "rgb": "css-rgb",
    "rgba": "css-rgba",
}
# Features that caniemail.com tests together.
TOGETHER = {
    **dict.fromkeys(("left", "right", "top", "bottom"), "css-left-right-top-bottom"),
    **dict.fromkeys(("column-gap", "row-gap"), "css-gap"),
    **dict.fromkeys(("grid-template-columns", "grid-template-rows"), "css-grid-template"),
    **dict.fromkeys(("border-top", "border-right", "border-bottom", "border-left"), "css-border"),
    **{
        f"{kind}-{axis}{end}": f"css-{kind}-{group}"
        for kind in ("margin", "padding")
        for axis, start_end in (("inline", "inline-start-end"), ("block", "block-start-end"))
        for end, group in (("", "inline-block"), ("-start", start_end), ("-end", start_end))
    },
}
CONDITIONS = {
    "prefers-color-scheme": "css-at-media-prefers-color-scheme",
    "prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
    "orientation": "css-at-media-orientation",
    "device-pixel-ratio": "css-at-media-device-pixel-ratio",
    "hover": "css-at-media-hover",
}
_FUNCTION = re.compile(r"([a-z-]+)\(", re.IGNORECASE)
_UNIT = re.compile(r"(?<![\w#-])[\d.]+(rem|em|vw|vh|vmin|vmax|ch|ex|pt|pc|cm|mm|in)\b", re.IGNORECASE)
_AT_RULE = re.compile(r"@([a-z-]+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\[(?:\"[^\"]*\"|'[^']*'|[^\]\"'])*\]")
_SELECTOR_SIGNS = {
    "css-selector-child": re.compile(r">"),
    "css-selector-adjacent-sibling": re.compile(r"\+"),
    "css-selector-general-sibling": re.compile(r"~(?!=)"),
    "css-selector-universal": re.compile(r"\*(?!=)"),
    "css-selector-id": re.compile(r"#"),
    "css-selector-class": re.compile(r"\."),
    "css-selector-chaining": re.compile(r"[\w-]\.[\w-]+\.|\.[\w-]+\.[\w-]"),
    "css-selector-descendant": re.compile(r"[\w\])*]\s+[\w.#\[*:]"),
}
_PSEUDO = re.compile(r"(?<!:)(::?)([a-z-]+)", re.IGNORECASE)
_OLD_PSEUDO_ELEMENTS = frozenset({"before", "after", "first-letter", "first-line"})


def features_of_declaration(name: str, value: str) -> Iterator[str]:
    """Yield the features that a declaration needs."""
    yield TOGETHER.get(name, f"css-{name}")
    if name == "display":
        yield f"css-display-{value.partition('!')[0].strip().lower().removeprefix('inline-')}"
    for function in _FUNCTION.findall(value):
        if known := FUNCTIONS.get(function.lower()):
            yield known
    for unit in _UNIT.findall(value):
        yield f"css-unit-{unit.lower()}"
    if "!important" in value.replace(" ", "").lower():
        yield "css-important"


def features_of_selector(selector: str) -> Iterator[str]:
    """Yield the features that one selector needs."""
    for colons, name in _PSEUDO.findall(selector):
        is_element = colons == "::" or name.lower() in _OLD_PSEUDO_ELEMENTS
        yield f"css-pseudo-{'element' if is_element else 'class'}-{name.lower()}"
    if "[" in selector:
        yield "css-selector-attribute"
    # The value of an attribute can contain any sign.
    plain = _ATTRIBUTE.sub("", selector).strip()
    for feature, sign in _SELECTOR_SIGNS.items():
        if sign.search(plain):
            yield feature


def features_of_rule(rule: CssRule) -> Iterator[str]:
    """Yield the features that a rule with an `@` needs as a whole."""
    if found := _AT_RULE.match(rule.head):
        yield f"css-at-{found[1].lower()}"
    for condition, feature in CONDITIONS.items():
        if condition in rule.head.lower():
            yield feature
