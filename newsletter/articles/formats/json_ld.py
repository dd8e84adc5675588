"""Read what a web page says of itself in JSON-LD (https://schema.org/Article)."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from newsletter.articles.formats.json_values import mapping, words
from newsletter.articles.formats.visibility_fields import says_no
from newsletter.articles.html_and_text.judge_images import pixels
from newsletter.articles.incoming_article import Image

MAX_OBJECTS = 500

_ARTICLE_NAMES = """
    article newsarticle blogposting report scholarlyarticle medicalscholarlyarticle techarticle reportagenewsarticle
    opinionnewsarticle analysisnewsarticle backgroundnewsarticle reviewnewsarticle socialmediaposting liveblogposting
"""
_ARTICLES = frozenset(_ARTICLE_NAMES.split())


def article_object(tree: Any) -> Mapping[str, Any]:
    """The object of a page's JSON-LD that is its article; empty if it has none."""
    found: Mapping[str, Any] = {}
    known: dict[str, Mapping[str, Any]] = {}
    for script in tree.xpath("//script[@type='application/ld+json']/text()")[:20]:
        try:
            value = orjson.loads(str(script))
        except orjson.JSONDecodeError:
            continue
        for each, _ in zip(_objects(value), range(MAX_OBJECTS), strict=False):
            if words(each.get("@id")) and len(each) > 1:
                known.setdefault(words(each["@id"]), each)
            if not _is_article(found) and (_is_article(each) or (not found and each.get("headline"))):
                found = each
    return {name: _looked_up(value, known) for name, value in found.items()}


def _looked_up(value: Any, known: Mapping[str, Mapping[str, Any]]) -> Any:
    """A value, and instead of a mere reference to another object that object (https://www.w3.org/TR/json-ld11/#node-identifiers)."""
    if isinstance(value, list):
        return (
            [_looked_up(each, known) for each in value[:20]]
            if value and isinstance(value[0], dict)
            else value
        )
    reference = words(mapping(value).get("@id"))
    return known.get(reference, value) if reference and len(value) == 1 else value


def authors_of(article: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the article's authors: texts, or objects with a name."""
    value = article.get("author")
    people = value if isinstance(value, list) else [value]
    return tuple(name for each in people[:30] if (name := words(each) or words(mapping(each).get("name"))))


def keywords_of(article: Mapping[str, Any]) -> tuple[str, ...]:
    """The article's keywords: one text with commas, or a list."""
    value = article.get("keywords")
    return tuple(
        word for each in (value if isinstance(value, list) else [value])[:40] if (word := words(each))
    )


def body_of(article: Mapping[str, Any]) -> str:
    """The article's text, unless only some people may read it."""
    free = article.get("isAccessibleForFree")
    return "" if free is False or says_no(words(free)) else words(article.get("articleBody"))


def images_of(article: Mapping[str, Any]) -> Iterator[Image]:
    """The images of an article object: addresses, or objects with their size."""
    for name in ("image", "thumbnailUrl"):
        value = article.get(name)
        for each in (value if isinstance(value, list) else [value])[:20]:
            told = mapping(each)
            address = words(each) or words(told.get("url")) or words(told.get("contentUrl"))
            if address:
                width, height = (pixels(words(told.get(side))) for side in ("width", "height"))
                yield Image(url=address, alt=words(told.get("caption")), width=width, height=height)


def licence_of(article: Mapping[str, Any]) -> str:
    """The licence of the article: a URL, or an object with one."""
    value = article.get("license")
    told = mapping(value)
    return words(value) or words(told.get("url")) or words(told.get("@id")) or words(told.get("name"))


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
