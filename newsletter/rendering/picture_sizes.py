"""Pictures as a letter shows them: scaled to their room, with the width that Outlook needs written out."""

from dataclasses import dataclass

from newsletter.rendering.safe_urls import safe_web_url

LEAD_WIDTH = 536
PROMOTION_WIDTH = 480
THUMBNAIL_WIDTH = 128
LOGO_WIDTH = 240
_LEAST = 40  # smaller ones count views or fill space


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image in CSS pixels. `height` is None where the source does not say it; mail programs then work it out."""

    url: str
    alt: str
    width: int
    height: int | None


def picture(url: str, alt: str, size: tuple[int | None, int | None], room: int) -> Picture | None:
    """The picture scaled down to the room, or None when there is none worth showing."""
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
