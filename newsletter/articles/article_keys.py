"""Make the keys by which articles and other things are compared: what two spellings of an address or text share."""

import hashlib
import html
import re
import unicodedata

from newsletter.http.web_addresses import url_key

_TAG = re.compile(r"<[^>]*>")


def keys_of_name(text: str, source_id: int) -> set[str]:
    """The keys of an article that a source names by its URL or its GUID alone."""
    place = url_key(text)
    keys = {key_of(source_id, place or text)} if text else set()
    return keys | {key_of(place)} if place else keys


def key_of(*parts: object) -> str:
    """32 hexadecimal digits that stand for these parts."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def squeezed(text: str) -> str:
    """The characters of a text or of HTML that a reader sees, without white space and markup."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).replace("\u200b", "").replace("\u00ad", "")
    return "".join(text.split())
