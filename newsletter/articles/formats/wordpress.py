"""Read what a WordPress site answers at `/wp-json/wp/v2/posts`, with or without `_embed`.

Fields as in https://developer.wordpress.org/rest-api/reference/posts/.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from newsletter.articles.formats.document_to_read import TextDocument
from newsletter.articles.formats.json_values import at_most, mapping, mappings, sequence, words
from newsletter.articles.formats.numbered_pages import number_of_page, whole_number, with_page
from newsletter.articles.formats.protected_posts import asks_for_password
from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.html_and_text.judge_images import pixels
from newsletter.articles.incoming_article import Image, IncomingArticle, Reading
from newsletter.articles.parse_dates import parse_date
from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute

KIND = "wordpress"

WIDEST = 1600
_IMAGE_FIELDS = ("jetpack_featured_media_url", "featured_image_src", "featured_image_url", "fimg_url")

_LINK_TO_NEXT = re.compile(r"<([^<>]{1,2000})>\s*;\s*rel=\"?next\"?", re.IGNORECASE)
_SIZES = ("large", "1536x1536", "medium_large", "full", "medium")
_SEEN_TAXONOMY = re.compile(r"(?:categor(?:y|ies)|tags?|topics?|subjects?|themes?)\Z", re.IGNORECASE)
# What WordPress calls the category of posts that have none, in the languages of its larger communities.
_NO_TOPIC_NAMES = """
    uncategorized|uncategorised|allgemein|unkategorisiert|non classé|sin categoría|senza categoria|sem categoria
    |geen categorie|niet gecategoriseerd|okategoriserade|ukategorisert|ikke kategoriseret|bez kategorii|luokittelematon
"""
_NO_TOPIC = frozenset("".join(_NO_TOPIC_NAMES.strip().splitlines()).replace("    ", "").split("|"))


def recognises(document: TextDocument) -> bool:
    """Tell whether a document comes from WordPress: posts, one post, or its error."""
    value = document.json
    if isinstance(value, list):
        return not value or any(_is_post(part) for part in value[:5])
    return _is_post(value) or _is_error(value)


def _is_error(value: Any) -> bool:
    """Whether a JSON value is the error that WordPress answers with."""
    return isinstance(mapping(value).get("code"), str) and isinstance(mapping(value).get("message"), str)


def read(document: TextDocument) -> Reading:
    """Return the posts. Raises Invalid, with WordPress's own words, if it answered with an error."""
    value, url = document.json, document.url
    if _is_error(value):
        message = plain(mapping(value)["message"], decodings=2)[:300].rstrip(".")
        raise Invalid(
            f"WordPress answered: “{message}”. Check the address, and check that the site’s REST API is turned on."
        )
    posts = mappings(at_most(value)) if isinstance(value, list) else [mapping(value)]
    articles = tuple(_article(post, url) for post in posts if _is_post(post))
    return Reading(kind=KIND, articles=articles, next_page=_next_page(document))


def _next_page(document: TextDocument) -> str:
    """The next page of a list, by the number of pages or the link in the headers.

    https://developer.wordpress.org/rest-api/using-the-rest-api/pagination/
    """
    number = number_of_page(document.url)
    total = whole_number(document.headers.get("x-wp-totalpages", ""))
    if number and total:
        # The link may name the scheme and host that a proxy hides.
        return with_page(document.url, number + 1) if number < total else ""
    link = _LINK_TO_NEXT.search(document.headers.get("link", ""))
    return absolute(link[1], document.url) if link else ""


def _is_post(value: Any) -> bool:
    post = mapping(value)
    return any(isinstance(post.get(name), dict) and "rendered" in post[name] for name in ("title", "content"))


def _article(post: Mapping[str, Any], url: str) -> IncomingArticle:
    link = absolute(words(post.get("link")), url)
    embedded = mapping(post.get("_embedded"))
    return IncomingArticle(
        url=link,
        guid=_rendered(post, "guid") or words(post.get("id")),
        title=_rendered(post, "title"),
        html=_rendered(post, "content"),
        summary_html=_rendered(post, "excerpt"),
        base_url=link or url,
        published_at=_published(post),
        authors=tuple(
            name for author in mappings(embedded.get("author")) if (name := words(author.get("name")))
        ),
        topics=_topics(embedded),
        image=_image(post, embedded),
        hidden=_is_hidden(post),
        public_from=_public_from(post),
    )


def _is_hidden(post: Mapping[str, Any]) -> bool:
    """Tell whether WordPress shows a post to some alone: a draft, a private one, one behind a password."""
    parts = [mapping(post.get(name)) for name in ("content", "excerpt")]
    return (
        words(post.get("status")) not in {"", "publish"}
        or bool(post.get("password"))
        or any(part.get("protected") not in {None, False} for part in parts)
        or any(asks_for_password(words(part.get("rendered"))) for part in parts)
    )


def _public_from(post: Mapping[str, Any]) -> datetime | None:
    if moment := parse_date(words(post.get("date_gmt"))):
        return moment
    # The time of the site's own zone, which may be 14 hours ahead of UTC.
    local = parse_date(words(post.get("date")))
    return local - timedelta(hours=14) if local else None


def _rendered(post: Mapping[str, Any], name: str) -> str:
    return words(mapping(post.get(name)).get("rendered")) or words(post.get(name))


def _published(post: Mapping[str, Any]) -> datetime | None:
    names = ("date_gmt", "date", "modified_gmt", "modified")
    return next((moment for name in names if (moment := parse_date(words(post.get(name))))), None)


def _topics(embedded: Mapping[str, Any]) -> tuple[str, ...]:
    """The categories and tags, and terms of a taxonomy named like them; other taxonomies serve the site's plug-ins."""
    terms = (
        term
        for group in sequence(embedded.get("wp:term"))
        for term in mappings(group)
        if _SEEN_TAXONOMY.search(words(term.get("taxonomy")) or "category")
    )
    names = (words(term.get("name")) for term in terms)
    return tuple(name for name in names if name and name.lower() not in _NO_TOPIC)


def _named_image(post: Mapping[str, Any]) -> str:
    """The picture in the fields that plug-ins and themes add: Jetpack, Better REST API Featured Images, Yoast SEO."""
    added = next(iter(mappings(mapping(post.get("yoast_head_json")).get("og_image"))), {})
    told = (
        *(post.get(name) for name in _IMAGE_FIELDS),
        mapping(post.get("better_featured_image")).get("source_url"),
    )
    return next(filter(None, map(words, (*told, added.get("url")))), "")


def _image(post: Mapping[str, Any], embedded: Mapping[str, Any]) -> Image | None:
    media = next(iter(mappings(embedded.get("wp:featuredmedia"))), {})
    if words(media.get("media_type")) == "file" or not words(media.get("mime_type") or "image").startswith(
        "image"
    ):
        media = {}
    details = mapping(media.get("media_details"))
    sizes = mapping(details.get("sizes"))
    full = {
        "source_url": media.get("source_url"),
        "width": details.get("width"),
        "height": details.get("height"),
    }
    known = [size for name in _SIZES if (size := mapping(sizes.get(name))).get("source_url")]
    fitting = (size for size in known if (pixels(words(size.get("width"))) or 0) <= WIDEST)
    chosen = max(fitting, key=lambda size: pixels(words(size.get("width"))) or 0, default=full)
    address = words(chosen.get("source_url")) or words(full["source_url"]) or _named_image(post)
    if not address:
        return None
    sides = (pixels(words(chosen.get(side))) for side in ("width", "height"))
    width, height = sides
    return Image(url=address, alt=words(media.get("alt_text")), width=width, height=height)
