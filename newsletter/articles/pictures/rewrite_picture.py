"""Decodes a picture that somebody else made, and writes it again for an email, for one or more places in it.

What is written is a JPEG or PNG file in sRGB, with the first frame alone, turned as its EXIF data says, and without any
metadata. This module runs in a separate process (limited_rewrite_process.py), so it needs neither Django nor our
settings.
"""

import io
import math
import warnings
from collections.abc import Collection
from dataclasses import dataclass

from PIL import (
    AvifImagePlugin,  # noqa: F401 - it registers its format
    Image,
    ImageCms,
    ImageOps,
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401 - it registers its format
)

from newsletter.articles.pictures.picture_versions import (
    ARTICLE,
    PLACES,
    Place,
    Rewritten,
    UnsuitableError,
    Version,
)

LARGEST_FILE = 200_000
MOST_PIXELS = 40_000_000
# What browsers show. Pillow reads MPO, the JPEG files of some phones, as JPEG.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP")
# In pixels, and as the long side divided by the short one.
SMALLEST_SIDE, SMALLEST_SQUARE = 100, 200
LONGEST_SHAPE, NEARLY_SQUARE = 5, 1.1
WHITE = (255, 255, 255)
QUALITIES = (82, 68, 55)
SMALLEST_STEP, LARGEST_STEP = 0.5, 0.9
# Faces and heads are in the upper part of a portrait.
CUT_FROM_THE_TOP = 0.2
COLOURS_OF_A_GRAPHIC = {"RGB": 1_024, "RGBA": 1_024, "L": 64, "LA": 64}
ALIKE = 12
BLANK = 4
# A decoder of JPEG files can skip detail that no place shows.
DRAFT_SIDE = 1_300
MARGIN = 0.04
# The EXIF tag that says how the camera was held.
ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class _Decoded:
    """The first frame, upright, in sRGB and on white. A graphic is not a photo."""

    image: Image.Image
    is_graphic: bool
    was_clear: bool


def rewrite(data: bytes, places: Collection[str]) -> Rewritten:
    """Return a picture for each of the places. Raises UnsuitableError if it cannot be read or is not worth showing."""
    picture = _opened(data)
    width, height = _size_as_shown(picture)
    if not ARTICLE.isdisjoint(places) and (reason := why_not_illustrate(width, height)):
        raise UnsuitableError(reason)
    try:
        decoded = _decoded(picture)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise UnsuitableError("The file is damaged or incomplete.") from error
    if all(high - low <= BLANK for low, high in _extrema(decoded.image)):
        raise UnsuitableError("It has only one colour.")
    versions = [_version(decoded, name) for name in sorted(places)]
    return Rewritten(width, height, tuple(versions))


def why_not_illustrate(width: int, height: int) -> str:
    """Return why a picture of this size cannot illustrate an article, or an empty string if it can."""
    short, long = sorted((width, height))
    if short < SMALLEST_SIDE:
        return f"It is only {width} × {height} pixels, like an icon or a tracking pixel."
    if long > LONGEST_SHAPE * short:
        return f"It is {width} × {height} pixels, shaped like a banner or a dividing line."
    if long < SMALLEST_SQUARE and long <= NEARLY_SQUARE * short:
        return f"It is a square of {width} × {height} pixels, like an avatar or an icon."
    return ""


def _opened(data: bytes) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnsuitableError(f"It has more than {MOST_PIXELS // 1_000_000} million pixels.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        start = data[:1_000].lower()
        if b"<svg" in start:
            raise UnsuitableError("It is an SVG file, which emails cannot show.") from error
        raise UnsuitableError("The file is not a picture that we can read.") from error


def _size_as_shown(picture: Image.Image) -> tuple[int, int]:
    """Return the width and height after turning, which EXIF orientations from 5 on swap."""
    try:
        turned = picture.getexif().get(ORIENTATION, 1) in {5, 6, 7, 8}
    except Exception:  # noqa: BLE001 - damaged EXIF data says nothing
        turned = False
    return (picture.height, picture.width) if turned else (picture.width, picture.height)


def _decoded(picture: Image.Image) -> _Decoded:
    picture.draft(None, (DRAFT_SIDE, DRAFT_SIDE))
    picture.load()
    profile = picture.info.get("icc_profile")
    is_graphic = _is_graphic(picture)
    upright = _turned(picture)
    if upright.mode in {"LA", "PA", "RGBa", "La"} or "transparency" in upright.info:
        upright = upright.convert("RGBA")
    alpha = upright.getchannel("A") if upright.mode == "RGBA" else None
    colours = _srgb(upright.convert("RGB") if alpha else upright, profile)
    if alpha is None:
        # What is left here would be written into the file.
        colours.info = {}
        return _Decoded(colours, is_graphic, was_clear=False)
    was_clear = any(alpha.histogram()[: 255 - ALIKE])
    fresh = Image.new("RGB", colours.size, WHITE)
    fresh.paste(colours, (0, 0), alpha)
    return _Decoded(fresh, is_graphic or was_clear, was_clear)


def _is_graphic(picture: Image.Image) -> bool:
    """Tell a drawing or a logo from a photo: it has few colours, and nobody has compressed it as a photo."""
    if picture.format in {"JPEG", "MPO"}:
        return False
    if picture.mode in {"P", "1"}:
        return True
    at_most = COLOURS_OF_A_GRAPHIC.get(picture.mode)
    return at_most is not None and picture.getcolors(at_most) is not None


def _turned(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture) if picture.getexif().get(ORIENTATION, 1) != 1 else picture
    except Exception:  # noqa: BLE001 - damaged EXIF data says nothing
        return picture


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    elif picture.mode in {"P", "1"}:
        picture = picture.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a damaged profile, or one of another kind of picture
        else:
            if converted is not None:
                return converted
    return picture.convert("RGB")


def _version(decoded: _Decoded, name: str) -> Version:
    place = PLACES[name]
    picture = _with_margin(decoded.image) if decoded.was_clear else decoded.image
    if picture.height > place.tallest * picture.width and not place.is_whole:
        edge = _colour_of_edges(picture)
        shaped = _beside_margins(picture, place, edge) if edge else _cropped(picture, place)
    else:
        shaped = picture
    width = min(place.width, shaped.width, int(place.width * place.tallest * shaped.width / shaped.height))
    return _written(name, _resized(shaped, max(1, width)), is_graphic=decoded.is_graphic)


def _with_margin(picture: Image.Image) -> Image.Image:
    margin = max(1, round(MARGIN * max(picture.size)))
    return ImageOps.expand(picture, margin, WHITE)


def _colour_of_edges(picture: Image.Image) -> tuple[int, ...] | None:
    """Return the colour of all four edges, if it is one: then nothing of the picture reaches them."""
    width, height = picture.size
    boxes = (0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height)
    edges = [_extrema(picture.crop(box)) for box in boxes]
    for channel in zip(*edges, strict=True):
        if max(high for _low, high in channel) - min(low for low, _high in channel) > ALIKE:
            return None
    colour = picture.getpixel((0, 0))
    return colour if isinstance(colour, tuple) else None


def _beside_margins(picture: Image.Image, place: Place, colour: tuple[int, ...]) -> Image.Image:
    width = math.ceil(picture.height / place.tallest)
    wider = Image.new("RGB", (width, picture.height), colour)
    wider.paste(picture, ((width - picture.width) // 2, 0))
    return wider


def _cropped(picture: Image.Image, place: Place) -> Image.Image:
    height = round(place.tallest * picture.width)
    top = round(CUT_FROM_THE_TOP * (picture.height - height))
    return picture.crop((0, top, picture.width, top + height))


def _resized(picture: Image.Image, width: int) -> Image.Image:
    if width == picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _written(name: str, picture: Image.Image, *, is_graphic: bool) -> Version:
    if is_graphic:
        content = _saved(picture.quantize(256), "PNG", optimize=True)
        if len(content) <= LARGEST_FILE:
            return Version(name, "png", *picture.size, content)
    while True:
        for quality in QUALITIES:
            content = _saved(picture, "JPEG", quality=quality, progressive=True)
            if len(content) <= LARGEST_FILE:
                return Version(name, "jpg", *picture.size, content)
        step = min(LARGEST_STEP, max(SMALLEST_STEP, math.sqrt(LARGEST_FILE / len(content))))
        picture = _resized(picture, max(1, int(step * picture.width)))


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    output = io.BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def _extrema(picture: Image.Image) -> list[tuple[int, int]]:
    """Return the lowest and highest value of red, green and blue."""
    found = []
    for channel in picture.split():
        values = [value for value, count in enumerate(channel.histogram()) if count]
        found.append((values[0], values[-1]))
    return found
