"""Chooses a publication's colours: readable variants of a colour, and the colour of a logo."""

import colorsys
from collections import defaultdict
from io import BytesIO

from newsletter.errors import Invalid
from newsletter.rendering.readable_colours import checked_colour, readable_on

LIGHT_GROUND, DARK_GROUND = "#ffffff", "#1c1f21"
HUES = 24
# Greys, near-whites and near-blacks do not count.
LEAST_SATURATION, LEAST_VALUE = 0.25, 0.2
# The share of the picture's visible pixels that one hue must have.
LEAST_SHARE = 0.01
LARGEST_SIDE = 120
OPAQUE = 128


def accents(colour: str) -> tuple[str, str] | None:
    """Return a colour made readable on white, and one made readable in dark mode; None if it is not a colour."""
    try:
        chosen = checked_colour(colour, "colour")
    except Invalid:
        return None
    return readable_on(chosen, LIGHT_GROUND), readable_on(chosen, DARK_GROUND)


def colour_of_logo(content: bytes) -> str:
    """Return the strongest colour of a logo, or an empty string if it has only black, white and grey.

    Pixels are counted by hue, each with the weight of its saturation; the colour is the mean of the hue that weighs
    most. The content must be a file that we made (see rewrite_picture.py), because it is decoded here.
    """
    from PIL import Image

    with Image.open(BytesIO(content)) as picture:
        picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        data = picture.convert("RGBA").tobytes()
    weights: dict[int, float] = defaultdict(float)
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    visible = 0
    for start in range(0, len(data), 4):
        red, green, blue, alpha = data[start : start + 4]
        if alpha < OPAQUE:
            continue
        visible += 1
        hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
        if saturation < LEAST_SATURATION or value < LEAST_VALUE:
            continue
        place = round(hue * HUES) % HUES
        weights[place] += saturation
        for channel, amount in enumerate((red, green, blue)):
            sums[place][channel] += amount * saturation
    if not weights:
        return ""
    strongest = max(weights, key=lambda place: weights[place])
    weight = weights[strongest]
    if weight < LEAST_SHARE * visible:
        return ""
    return "#" + "".join(f"{round(total / weight):02x}" for total in sums[strongest])
