"""Choose the image that leads an article, and know those that are there to count readers."""

import re
from dataclasses import replace

from newsletter.articles.incoming_article import Image, IncomingArticle

_WHOLE_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*\Z")
_PIXELS = re.compile(
    r"//(?:pixel\.(?:wp|quantserve|facebook)\.com/|stats\.wordpress\.com/|b\.scorecardresearch\.com/|pi\.feedsportal\.com/"
    r"|[\w.-]*feedburner\.com/~(?:r|ff|a)/|feeds\.feedblitz\.com/~/i/|[\w.-]*doubleclick\.net/|www\.google-analytics\.com/"
    r"|www\.facebook\.com/tr[/?]|da\.feedsportal\.com/|rss\.buysellads\.com/|counter\.theconversation\.com/)",
    re.IGNORECASE,
)
_SMALLEST_SIDE = 2


def choose_lead_image(article: IncomingArticle) -> None:
    """Keep the image that the source names, with what the body says of it, else take the first image of the body."""
    given = article.image
    if not given or is_tracking_pixel(given):
        article.image = article.body_images[0] if article.body_images else None
        return
    twin = next((other for other in article.body_images if other.url == given.url), None)
    if twin:
        sized = given if given.width and given.height else twin
        article.image = replace(given, alt=given.alt or twin.alt, width=sized.width, height=sized.height)


def pixels(value: str | int | None) -> int | None:
    """Return a width or height in CSS pixels; None if it is missing, relative or nonsense."""
    found = _WHOLE_NUMBER.match(str(value)) if value is not None else None
    return int(found[1]) or None if found else None


def is_tracking_pixel(image: Image) -> bool:
    """Tell whether an image is there to count readers and not to be seen."""
    sides = (image.width, image.height)
    return any(side is not None and side <= _SMALLEST_SIDE for side in sides) or bool(
        _PIXELS.search(image.url)
    )
