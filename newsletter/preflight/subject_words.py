"""Recognises subjects that an inbox should not show: shouted, without words, or with the marks of a draft."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = re.compile(r"[!?]{3,}")
# Words that no abbreviation is made of: in capitals they are shouted.
_SMALL = """
the and for you your our are new now all not this that with from what how why we won win
wir und der die das den dem ist sind für mit auf von ihr nicht ein eine
les des pour nous vous sur est une dans avec votre notre
los las para con por una del más
mae yn yr ac ar gyfer eich ein ni
"""
_SMALL_WORDS = frozenset(_SMALL.split())
# An abbreviation that is longer than this is rare.
_SHORT = 3
_DRAFT = (
    r"draft|copy|copy \d+|test|testing|entwurf|kopie|brouillon|copie|essai|borrador|copia|drafft|prawf|"
    r"copi|"
    r"مسودة|اختبار|نسخة|final|do not send|not for sending|nicht senden|ne pas envoyer"
)
_MARKS = re.compile(
    rf"^\W*(?:copy of|kopie von|copie de|copia de|copi o|نسخة من)\s*:|^\s*[\[(](?:{_DRAFT})(?: (?:version|"
    rf"v?\d+))?[\])]|"
    r"^\s*(?:draft|entwurf|brouillon|borrador|drafft|مسودة)(?: (?:version|v?\d+))?\s*:|"
    rf"[\[(](?:{_DRAFT})(?: (?:version|v?\d+))?[\])]\s*$|\s[-–—]\s(?:copy|kopie|copie)(?: \d+)?\s*$|"
    rf"\s[-–—]\s(?:draft|entwurf)\s*\d*\s*$|"
    r"^\W*(?:(?:test|testing|draft|untitled|entwurf|subject|betreff|asdf\w*|xyz)[\s\d!.,]*)+$",
    re.IGNORECASE,
)


def is_shouted(subject: str) -> bool:
    """Return whether a subject is in capitals, apart from abbreviations, or ends in rows of exclamation marks."""
    words = _WORD.findall(subject)
    if _ENDINGS.search(subject):
        return True
    if len(words) < 2 or not all(word.isupper() for word in words):  # noqa: PLR2004 - one word can be a name
        return False
    long_words = sum(len(word) > _SHORT for word in words)
    return long_words > 1 or any(word.casefold() in _SMALL_WORDS for word in words)


def has_words(subject: str) -> bool:
    """Return whether a subject has any word or number, not only pictures and punctuation."""
    return any(character.isalnum() for character in subject)


def mark_of_draft(subject: str) -> str:
    """Return the mark by which a subject says that it is a draft, a copy or a test; empty if it has none."""
    found = _MARKS.search(subject)
    return " ".join(found[0].split()) if found else ""
