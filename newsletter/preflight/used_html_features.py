"""Finds which features of HTML, CSS and pictures an email uses, by the names of caniemail.com.

CSS is read by its declarations alone, inline or between braces: enough to name the features that are used.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

_AT_RULE = re.compile(r"@(font-face|import|keyframes|supports)\b", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# What is within a condition is an extra for those who understand it.
_CONDITION = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", re.IGNORECASE)
_BRACES = re.compile(r"\{([^{}]*)\}")
_DECLARATION = re.compile(r"(?:^|;)\s*([a-z][a-z-]*)\s*:([^;]*)", re.IGNORECASE)
_FUNCTION = re.compile(r"\b([a-z-]+)\(", re.IGNORECASE)
_FUNCTIONS = {
    "var": "css-variables",
    "calc": "css-function-calc",
    "clamp": "css-function-clamp",
    "min": "css-function-min",
    "max": "css-function-max",
    "linear-gradient": "css-linear-gradient",
    "radial-gradient": "css-radial-gradient",
    "conic-gradient": "css-conic-gradient",
    "light-dark": "css-function-light-dark",
}
_PICTURES = re.compile(r"\.(webp|avif|svg|bmp|heif|apng|ico|tiff?)$", re.IGNORECASE)


def used_features(document: Any) -> dict[str, Any]:
    """Return the names of the features that an email uses, each with the first element that uses it."""
    found: dict[str, Any] = {}
    for element in document.iter():
        if isinstance(element.tag, str):
            for name in _of_element(element):
                found.setdefault(name, element)
    return found


def _of_element(element: Any) -> Iterator[str]:
    yield f"html-{element.tag}"
    if element.tag == "style":
        yield from _of_sheet(element.text or "")
    elif style := element.get("style"):
        yield from _of_declarations(style)
    if element.tag == "img" and (kind := _PICTURES.search(urlsplit(element.get("src") or "").path)):
        yield f"image-{kind[1].lower()}"
    if element.get("background"):
        yield "html-background"


def _of_sheet(css: str) -> Iterator[str]:
    css = _CONDITION.sub("", _COMMENT.sub("", css))
    for name in _AT_RULE.findall(css):
        yield f"css-at-{name.lower()}"
    for declarations in _BRACES.findall(css):
        yield from _of_declarations(declarations)


def _of_declarations(css: str) -> Iterator[str]:
    for name, value in _DECLARATION.findall(css):
        property_name = name.lower()
        yield f"css-{property_name}"
        if property_name == "display":
            yield f"css-display-{value.split('!')[0].strip().lower().removeprefix('inline-')}"
        for function in _FUNCTION.findall(value):
            if known := _FUNCTIONS.get(function.lower()):
                yield known
