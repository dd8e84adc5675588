"""Compares texts as readers do: by their words, without case and punctuation."""

import re

_TAG = re.compile(r"\*\|[A-Z_]+\|\*")
_WORD = re.compile(r"\w+")


def as_read(text: str) -> str:
    """Return a subject or preheader with a usual name in place of the tag."""
    return _TAG.sub("Alexander", text).strip()


def bare_words(text: str) -> str:
    """Return the words of a text in lower case, each after one space."""
    return " ".join(_WORD.findall(text.casefold()))
