"""Turn the bytes of a source into entries, whatever they claim to be: the content decides which reader takes them.

What cannot be read is one sentence, as Invalid; no input makes a reader fail in another way or run without end.
"""

import re

from newsletter.articles.cpu_budget import cpu_budget
from newsletter.articles.formats.decoding import decoded
from newsletter.articles.formats.feed import ROOT, read_feed, without_prologue
from newsletter.articles.formats.json_feed import is_json_feed, read_json_feed
from newsletter.articles.formats.json_values import parsed_json
from newsletter.articles.formats.markdown import read_folder
from newsletter.articles.formats.web_page import find_feed_in, read_web_page
from newsletter.articles.formats.wordpress import is_wordpress, read_wordpress
from newsletter.articles.incoming_article import Reading
from newsletter.errors import Invalid
from newsletter.http.document import Document
from newsletter.http.web_addresses import shown

__all__ = ["find_feed", "read", "read_folder"]

_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|main|div|p|title|meta|h1|br|b)(?=[\s>/])", re.IGNORECASE
)
_LOOKED_AT = 20_000
_EXPECTED = {"feed": "a feed", "json_feed": "a feed", "wordpress": "the posts of WordPress"}


def read(document: Document, *, expected_kind: str = "") -> Reading:
    """The entries of a document. `expected_kind` is the Source.Kind that its source had before, empty where it is new.

    Raises Invalid with a sentence that names the place.
    """
    try:
        with cpu_budget(shown(document.url)):
            return _read(_text(document), document.url, expected_kind)
    except Invalid as error:
        raise Invalid(f"{shown(document.url)}: {error}") from error


def find_feed(document: Document) -> str | None:
    """The address of the feed that a web page announces in its `<link rel="alternate">`, if it does."""
    try:
        text = _text(document)
    except Invalid:
        return None
    return find_feed_in(text, document.url) if _is_page(text) and not _is_feed(text) else None


def _text(document: Document) -> str:
    text = decoded(document.data, document.content_type).lstrip("\ufeff \t\r\n\0")
    if not text:
        raise Invalid("it answered with nothing. Try again later, or check the address in a browser.")
    return text


def _read(text: str, url: str, expected_kind: str) -> Reading:
    if text[0] in "{[":
        return _read_json(text, url)
    if _is_feed(text):
        return read_feed(text, url)
    if not _is_page(text):
        raise Invalid("it answered with neither a feed nor a web page. Check the address in a browser.")
    if expected_kind in _EXPECTED:
        raise Invalid(
            f"it answered with a web page, not {_EXPECTED[expected_kind]}. Check the address in a browser."
        )
    return read_web_page(text, url)


def _read_json(text: str, url: str) -> Reading:
    value = parsed_json(text)
    if is_json_feed(value):
        return read_json_feed(value, url)
    if is_wordpress(value):
        return read_wordpress(value, url)
    raise Invalid(
        "it answered with JSON that is neither a JSON Feed nor the posts of WordPress. Check the address."
    )


def _is_feed(text: str) -> bool:
    beginning = without_prologue(text)[:_LOOKED_AT]
    root = ROOT.search(beginning)
    page = _PAGE.search(beginning)
    return bool(root) and not (page and root and page.start() < root.start())


def _is_page(text: str) -> bool:
    return bool(_PAGE.search(text[:_LOOKED_AT]))
