"""Readable colours, with contrast as defined by WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

import re

from newsletter.errors import Invalid

LEAST_CONTRAST = 4.5
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 50
_LINEAR_BELOW = 0.04045


def checked_colour(value: str, field: str) -> str:
    """Return a colour in lower case. Raises Invalid, naming the field, unless it is # and 6 hexadecimal digits."""
    if _COLOUR.fullmatch(value) is None:
        raise Invalid(
            f"{field} must be # followed by 6 hexadecimal digits, such as #0b5d7a, not {value!r}. Correct the colour."
        )
    return value.lower()


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """Return white or black, whichever is readable on this background. One of them always has a contrast of 4.5."""
    return "#ffffff" if contrast("#ffffff", background) >= LEAST_CONTRAST else "#000000"


def readable_on(colour: str, background: str) -> str:
    """Return the colour, darkened or lightened as little as possible to be readable as text on this background."""
    towards = "#000000" if contrast("#000000", background) > contrast("#ffffff", background) else "#ffffff"
    for step in range(_STEPS + 1):
        mixed = mix(colour, towards, step / _STEPS)
        if contrast(mixed, background) >= LEAST_CONTRAST:
            return mixed
    return towards


def mix(colour: str, other: str, share: float) -> str:
    """Mix two colours: `share` (0 to 1) is the share of the other one."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= _LINEAR_BELOW else ((channel + 0.055) / 1.055) ** 2.4)
