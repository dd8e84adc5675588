"""Read JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from collections.abc import Mapping
from typing import Any

from newsletter.articles.formats.document_to_read import TextDocument
from newsletter.articles.formats.json_values import at_most, mapping, mappings, sequence, words
from newsletter.articles.formats.parse_durations import seconds_of
from newsletter.articles.formats.visibility_fields import is_hidden
from newsletter.articles.html_and_text.html_to_text import plain, text_as_html
from newsletter.articles.incoming_article import Image, IncomingArticle, Reading
from newsletter.articles.parse_dates import parse_date
from newsletter.http.clean_urls import absolute

KIND = "json_feed"


def recognises(document: TextDocument) -> bool:
    """Tell whether a document is a JSON Feed, even one without its version."""
    feed = mapping(document.json)
    return "jsonfeed.org" in words(feed.get("version")) or isinstance(feed.get("items"), list)


def read(document: TextDocument) -> Reading:
    """Return the items of a JSON Feed as articles. Raises Invalid if there are too many."""
    feed, url = mapping(document.json), document.url
    home = absolute(words(feed.get("home_page_url")), url) or url
    language = words(feed.get("language"))
    shared = _authors(feed)
    return Reading(
        kind=KIND,
        articles=tuple(
            _article(item, home, language, shared) for item in mappings(at_most(sequence(feed.get("items"))))
        ),
        title=plain(words(feed.get("title"))),
        language=language,
        next_page=absolute(words(feed.get("next_url")), url),
    )


def _article(item: Mapping[str, Any], home: str, language: str, shared: tuple[str, ...]) -> IncomingArticle:
    url = absolute(words(item.get("url")) or words(item.get("external_url")), home)
    html = words(item.get("content_html")) or text_as_html(words(item.get("content_text")))
    return IncomingArticle(
        url=url,
        guid=words(item.get("id")),
        title=words(item.get("title")),
        html=html,
        summary_html=text_as_html(words(item.get("summary"))),
        base_url=url or home,
        published_at=parse_date(words(item.get("date_published")))
        or parse_date(words(item.get("date_modified"))),
        authors=_authors(item) or shared,
        topics=_topics(item.get("tags")),
        language=words(item.get("language")) or language,
        image=_image(item),
        duration_seconds=_duration(item),
        hidden=is_hidden(item),
    )


def _topics(tags: Any) -> tuple[str, ...]:
    """The tags: a list of texts or of objects with a name, or one text."""
    parts = tags if isinstance(tags, list) else [tags]
    return tuple(name for part in parts if (name := words(part) or words(mapping(part).get("name"))))


def _authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of `authors` (1.1) or of `author` (1)."""
    people = sequence(holder.get("authors")) or [holder.get("author")]
    return tuple(name for person in people if (name := words(person) or words(mapping(person).get("name"))))


def _duration(item: Mapping[str, Any]) -> int | None:
    lengths = (
        seconds_of(words(attachment.get("duration_in_seconds")))
        for attachment in mappings(item.get("attachments"))
    )
    return next(filter(None, lengths), None)


def _image(item: Mapping[str, Any]) -> Image | None:
    address = words(item.get("image")) or words(item.get("banner_image"))
    for attachment in mappings(item.get("attachments")):
        if not address and words(attachment.get("mime_type")).startswith("image/"):
            address = words(attachment.get("url"))
    return Image(url=address) if address else None
