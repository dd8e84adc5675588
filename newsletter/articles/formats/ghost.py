"""Read what the Content API of Ghost answers with at `/ghost/api/content/posts/` (https://ghost.org/docs/content-api/)."""

from collections.abc import Mapping
from typing import Any

from newsletter.articles.formats.document_to_read import TextDocument
from newsletter.articles.formats.json_values import at_most, mapping, mappings, sequence, words
from newsletter.articles.formats.numbered_pages import whole_number, with_page
from newsletter.articles.html_and_text.html_to_text import text_as_html
from newsletter.articles.incoming_article import Image, IncomingArticle, Reading
from newsletter.articles.parse_dates import parse_date
from newsletter.http.clean_urls import absolute

KIND = "ghost"


def recognises(document: TextDocument) -> bool:
    """Tell whether a document is a list of posts with the page that it is."""
    value = mapping(document.json)
    return isinstance(value.get("posts"), list) and "pagination" in mapping(value.get("meta"))


def read(document: TextDocument) -> Reading:
    """Return the posts. Raises Invalid if there are too many."""
    value, url = mapping(document.json), document.url
    following = whole_number(words(mapping(mapping(value.get("meta")).get("pagination")).get("next")))
    return Reading(
        kind=KIND,
        articles=tuple(_article(post, url) for post in mappings(at_most(sequence(value.get("posts"))))),
        next_page=with_page(url, following) if following else "",
    )


def _article(post: Mapping[str, Any], url: str) -> IncomingArticle:
    link = absolute(words(post.get("url")), url)
    html = words(post.get("html"))
    published_at = parse_date(words(post.get("published_at")))
    # `excerpt` is the beginning of the text, cut off; what an author writes is `custom_excerpt`.
    summary = words(post.get("custom_excerpt")) or ("" if html else words(post.get("excerpt")))
    picture = words(post.get("feature_image"))
    return IncomingArticle(
        url=link,
        guid=words(post.get("uuid")) or words(post.get("id")),
        title=words(post.get("title")),
        html=html,
        summary_html=text_as_html(summary),
        base_url=link or url,
        published_at=published_at,
        authors=tuple(_names(post, "authors", "primary_author")),
        topics=tuple(_names(post, "tags", "primary_tag")),
        language=words(post.get("locale")),
        image=Image(url=picture, alt=words(post.get("feature_image_alt"))) if picture else None,
        hidden=_is_hidden(post),
        public_from=published_at,
    )


def _is_hidden(post: Mapping[str, Any]) -> bool:
    """Tell whether a post is for members, payers or readers of its emails: of those, Ghost sends only a part."""
    return (
        words(post.get("visibility")) != "public"
        or post.get("access") is False
        or post.get("email_only") is True
        or words(post.get("status")) not in {"", "published"}
    )


def _names(post: Mapping[str, Any], several: str, one: str) -> list[str]:
    """Return the names of authors or tags; internal tags, which begin with #, are for the site's theme."""
    holders = mappings(post.get(several)) or [mapping(post.get(one))]
    return [
        name
        for holder in holders
        if (name := words(holder.get("name")))
        and words(holder.get("visibility")) in {"", "public"}
        and name[0] != "#"
    ]
