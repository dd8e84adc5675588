"""The pictures that may illustrate an article: the one that its source names, then those in its text."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.articles.html_and_text.judge_images import is_picture, pixels
from newsletter.articles.incoming_article import Image
from newsletter.articles.models import Article

MAX_CANDIDATES = 4

_IMAGE = re.compile(r"<img\s[^>]*>")
_ATTRIBUTE = re.compile(r'\s(src|alt|width|height)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Candidate:
    """The address of a picture, and its description."""

    url: str
    alt: str


def candidates(article: Article) -> tuple[Candidate, ...]:
    """Return the pictures of an article, the best first, at most four. Empty if its source shows none."""
    if not article.image_url:
        return ()
    found = {article.image_url: Candidate(article.image_url, article.image_alt)}
    for image in _images(article.body_html):
        if len(found) == MAX_CANDIDATES:
            break
        if image.url and is_picture(image):
            found.setdefault(image.url, Candidate(image.url, image.alt))
    return tuple(found.values())


def _images(body: str) -> Iterator[Image]:
    for tag in _IMAGE.finditer(body):
        values = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag[0])}
        yield Image(
            url=values.get("src", ""),
            alt=values.get("alt", ""),
            width=pixels(values.get("width")),
            height=pixels(values.get("height")),
        )
