"""Turn the bytes of a source into entries, whatever they claim to be: the content decides which reader takes them.

What cannot be read is one sentence, as Invalid; no input makes a reader fail in another way or run without end.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from newsletter.articles.entry import Document, Reading
from newsletter.articles.formats.decoding import decoded
from newsletter.articles.formats.feed import ROOT, read_feed
from newsletter.errors import Invalid

_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|main|div|p|title|meta|h1)(?=[\s>/])", re.IGNORECASE
)
_LOOKED_AT = 20_000


def read(document: Document, *, expected_kind: str = "") -> Reading:
    """The entries of a document. `expected_kind` is the Source.Kind that it had before, empty where it is new.

    Raises Invalid with a sentence that names the place.
    """
    try:
        return _read(document, expected_kind)
    except Invalid as error:
        raise Invalid(f"{_named(document.url)}: {error}") from error


def _read(document: Document, expected_kind: str) -> Reading:
    text = decoded(document.data, document.content_type).lstrip("\ufeff \t\r\n\0")
    if not text:
        raise Invalid("The answer is empty.")
    return read_feed(text, document.url)


def _named(url: str) -> str:
    return url
