"""Writes words as readers see them, so that signs nobody sees do not hide a word from a check."""

import re
import unicodedata
from html import unescape

_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff]")


def words_as_read(words: str) -> str:
    """Return words without signs that only divide lines, such as soft hyphens, and with usual spaces and characters."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", unescape(words)))
