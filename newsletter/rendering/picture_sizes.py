"""The size of pictures in an email: scaled to fit, with the explicit width that Outlook needs."""

from dataclasses import dataclass

from newsletter.rendering.safe_urls import safe_web_url

LEAD_WIDTH = 536
THUMBNAIL_WIDTH = 176
# The width of each place, in CSS pixels.
ROOM = {"lead": LEAD_WIDTH, "thumbnail": THUMBNAIL_WIDTH, "promotion": 480, "logo": 240}
_LEAST = 40  # smaller images are tracking pixels or spacers


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image in CSS pixels. `height` is None if the source does not give it. Email clients then work it out."""

    url: str
    alt: str
    width: int
    height: int | None


def picture(url: str, alt: str, size: tuple[int | None, int | None], room: int) -> Picture | None:
    """Return the picture scaled down to at most `room` pixels wide, or None without a picture worth showing."""
    address = safe_web_url(url)
    width, height = size
    if not address or (width and width < _LEAST) or (height and height < _LEAST and width is None):
        return None
    shown = min(width or room, room)
    return Picture(
        url=address,
        alt=alt,
        width=shown,
        height=max(1, round(height * shown / width)) if width and height else None,
    )
