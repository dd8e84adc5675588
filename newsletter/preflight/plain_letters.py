"""Texts without case and accents, each letter at its place, so that one pattern finds all spellings of a word."""

import unicodedata
from functools import lru_cache

_SPACES_AND_SIGNS = {
    **dict.fromkeys("’ʼ‘´`", "'"),
    **dict.fromkeys("‐‑‒–—−", "-"),
    # Signs of direction stand around dates in texts from right to left.
    **dict.fromkeys("\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u061c", " "),
}


def plain_letters(text: str) -> str:
    """Return a text in lower case, without accents, and with digits, dashes, apostrophes and spaces of one kind."""
    return "".join(map(_plain, text))


def small_letters(text: str) -> str:
    """Return a text in lower case with accents, and with dashes, apostrophes and spaces of one kind."""
    return "".join(map(_small, text))


def cased_letters(text: str) -> str:
    """Return a text with dashes, apostrophes and spaces of one kind, and only its first letter in lower case."""
    return text[:1].lower() + "".join(map(_of_one_kind, text[1:]))


def _of_one_kind(letter: str) -> str:
    return " " if letter.isspace() else _SPACES_AND_SIGNS.get(letter, letter)


@lru_cache(maxsize=4_096)
def _small(letter: str) -> str:
    if letter.isspace():
        return " "
    small = letter.lower()
    return _SPACES_AND_SIGNS.get(letter, small if len(small) == 1 else letter)


@lru_cache(maxsize=4_096)
def _plain(letter: str) -> str:
    if letter in _SPACES_AND_SIGNS:
        return _SPACES_AND_SIGNS[letter]
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter.isspace():
        return " "
    plain = unicodedata.normalize("NFD", letter)[0].lower()
    return plain if len(plain) == 1 else letter
