"""Read what a web page says of itself in JSON-LD (https://schema.org/Article)."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from newsletter.articles.formats.json_values import mapping, words
from newsletter.articles.incoming_article import Image
from newsletter.articles.steps.lead_image import pixels

MAX_OBJECTS = 500

_ARTICLE_NAMES = """
    article newsarticle blogposting report scholarlyarticle medicalscholarlyarticle techarticle reportagenewsarticle
    opinionnewsarticle analysisnewsarticle backgroundnewsarticle reviewnewsarticle socialmediaposting liveblogposting
"""
_ARTICLES = frozenset(_ARTICLE_NAMES.split())


def article_object(tree: Any) -> Mapping[str, Any]:
    """The object of a page's JSON-LD that is its article; empty if it has none."""
    found: Mapping[str, Any] = {}
    for script in tree.xpath("//script[@type='application/ld+json']/text()")[:20]:
        try:
            value = orjson.loads(str(script))
        except orjson.JSONDecodeError:
            continue
        for each, _ in zip(_objects(value), range(MAX_OBJECTS), strict=False):
            if _is_article(each):
                return each
            found = found or (each if each.get("headline") else {})
    return found


def images_of(article: Mapping[str, Any]) -> Iterator[Image]:
    """The images of an article object: addresses, or objects with their size."""
    for name in ("image", "thumbnailUrl"):
        value = article.get(name)
        for each in (value if isinstance(value, list) else [value])[:20]:
            told = mapping(each)
            address = (
                words(each)
                or words(told.get("url"))
                or words(told.get("contentUrl"))
                or words(told.get("@id"))
            )
            if address:
                width, height = (pixels(words(told.get(side))) for side in ("width", "height"))
                yield Image(url=address, alt=words(told.get("caption")), width=width, height=height)


def publisher_of(article: Mapping[str, Any]) -> str:
    """The name of the site or organisation that published the article."""
    return words(mapping(article.get("publisher")).get("name"))


def _is_article(value: Mapping[str, Any]) -> bool:
    kinds = value.get("@type")
    parts = kinds if isinstance(kinds, list) else [kinds]
    return any(words(kind).rpartition("/")[2].lower() in _ARTICLES for kind in parts)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects at the top, in lists, in `@graph` and in `mainEntity`."""
    waiting = [value]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, list):
            waiting.extend(each[:MAX_OBJECTS])
        elif isinstance(each, dict):
            yield each
            waiting.extend(
                each[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in each
            )
