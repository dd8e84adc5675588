"""Choose the picture that leads an article. Nothing is fetched for it."""

from collections.abc import Iterable
from dataclasses import replace

from newsletter.articles.html_and_text.judge_images import is_picture
from newsletter.articles.incoming_article import Image, IncomingArticle


def choose_lead_image(article: IncomingArticle) -> None:
    """Keep the first picture among those that the source names, or the widest, else the first one of the body.

    What the body says of the same image is kept with it.
    """
    named = ((article.image,) if article.image else ()) + article.images
    chosen = _best(named) or next(filter(is_picture, article.body_images), None)
    twin = next((other for other in article.body_images if chosen and other.url == chosen.url), None)
    if chosen and twin:
        sized = chosen if chosen.width and chosen.height else twin
        chosen = replace(chosen, alt=chosen.alt or twin.alt, width=sized.width, height=sized.height)
    article.image = replace(chosen, marks="") if chosen else None


def _best(images: Iterable[Image]) -> Image | None:
    """The first picture, unless its width is stated and another one is stated to be wider."""
    pictures = list(filter(is_picture, images))
    if pictures and pictures[0].width:
        return max(pictures, key=lambda image: image.width or 0)
    return pictures[0] if pictures else None
