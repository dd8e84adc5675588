"""Recognises what a reader cannot see in an email: hidden, without size, or in letters too small to read."""

import re
from typing import Any

from newsletter.rendering.rendered_contrast import styles_of

_NOTHING = re.compile(r"0(?:px|em|%|pt)?")
_PIXELS = re.compile(r"([\d.]+)px")


def is_hidden(element: Any) -> bool:
    """Return whether an element is hidden by its styles or those around it.

    Letters without size only hide text that has no size of its own: columns beside each other stand in an element with
    `font-size:0`, so that no gap is between them.
    """
    around = [styles_of(each) for each in (element, *element.iterancestors())]
    return any(map(_hides, around)) or (element.tag != "img" and _has_no_size(around))


def font_pixels(element: Any) -> float | None:
    """Return the size of the letters of an element in pixels, as its styles or those around it say."""
    for each in (element, *element.iterancestors()):
        styles = styles_of(each)
        size = styles.get("font-size") or _from_shorthand(styles.get("font", ""))
        if found := _PIXELS.fullmatch(size):
            return float(found[1])
    return None


def _hides(styles: dict[str, str]) -> bool:
    return (
        styles.get("display") == "none"
        or styles.get("visibility") == "hidden"
        or _NOTHING.fullmatch(styles.get("max-height", "")) is not None
        or styles.get("opacity") == "0"
    )


def _has_no_size(around: list[dict[str, str]]) -> bool:
    """Return whether the nearest size of letters is nothing."""
    sizes = (styles.get("font-size") or _from_shorthand(styles.get("font", "")) for styles in around)
    return _NOTHING.fullmatch(next(filter(None, sizes), "")) is not None


def _from_shorthand(font: str) -> str:
    found = re.search(r"([\d.]+px|(?<![\w.#-])0(?=[\s/]))", font)
    return found[1] if found else ""
