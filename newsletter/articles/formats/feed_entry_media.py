"""The pictures and recordings that an entry of a feed names (Media RSS, enclosures, iTunes)."""

import re
from typing import Any

from newsletter.articles.formats.parse_durations import seconds_of
from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.html_and_text.judge_images import pixels
from newsletter.articles.incoming_article import Image

MAX_IMAGES = 20

# Elements without a namespace in which some programs give the picture of an entry.
_OWN_IMAGES = ("thumbnail", "thumb", "featuredimage", "featured_image", "imageurl", "image_url", "picture")
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|\Z)", re.IGNORECASE)


def images_of(known: dict[str, Any]) -> tuple[Image, ...]:
    """The images that the entry names: media contents and thumbnails, the widest first, enclosures, its own picture."""
    contents = [part for part in known.get("media_content") or () if _pictures(part)]
    thumbnails = [part for part in known.get("media_thumbnail") or () if part.get("url")]
    enclosed = [
        part for part in known.get("links") or () if part.get("rel") == "enclosure" and _pictures(part)
    ]
    pictured = known.get("image")
    own = [pictured] if isinstance(pictured, dict) else []
    own += [{"href": known["image_address"]}] if known.get("image_address") else []
    own += [
        {"href": address}
        for name in _OWN_IMAGES
        if (address := str(known.get(name) or "").strip()).lower().startswith(("http://", "https://"))
    ]
    parts = [*_widest_first(contents), *_widest_first(thumbnails), *enclosed, *own]
    return tuple(
        Image(
            url=address,
            alt=plain(str(part.get("alt") or "")),
            width=pixels(part.get("width")),
            height=pixels(part.get("height")),
        )
        for part in parts[:MAX_IMAGES]
        if (address := str(part.get("url") or part.get("href") or part.get("link") or ""))
    )


def _widest_first(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(parts, key=lambda part: -(pixels(part.get("width")) or 0))


def _pictures(part: dict[str, Any]) -> bool:
    address = str(part.get("url") or part.get("href") or "")
    kind = str(part.get("type") or "")
    if part.get("medium") == "image" or kind.startswith("image/"):
        return bool(address)
    return not kind and not part.get("medium") and bool(_IMAGE_FILE.search(address))


def recording_of(known: dict[str, Any]) -> str:
    """The audio or video of an entry, which is all that some podcasts have."""
    enclosed = (part for part in known.get("links") or () if part.get("rel") == "enclosure")
    recorded = (part for part in enclosed if str(part.get("type") or "").startswith(("audio/", "video/")))
    return next((str(part.get("href") or "") for part in recorded), "")


def duration_of(known: dict[str, Any]) -> int | None:
    """The length of the recording of an entry, in seconds."""
    written = [
        known.get("itunes_duration"),
        *(part.get("duration") for part in known.get("media_content") or ()),
    ]
    return next((seconds for text in written if (seconds := seconds_of(str(text or "")))), None)
