"""Recognises subjects that an inbox should not show: shouted, without words, or with the marks of a draft."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_SIDE_BY_SIDE = re.compile(r"[^\W\d_] [^\W\d_]")
_ENDINGS = re.compile(r"[!?]{3,}")
# Words that no abbreviation is made of: in capitals they are shouted.
_SMALL = """
the for you your our are new now all not this that with from what how why we won win
join us open day last free help save date come big news today tonight sale book only more good
wir der die das den dem ist sind für mit auf von ihr nicht ein eine neu neues hier jetzt tag
les des pour nous vous sur est une dans avec votre notre
los las para con por una del más
mae yn yr ar gyfer eich ein ni
"""
_SMALL_WORDS = frozenset(_SMALL.split())
# An abbreviation that is longer than this is rare.
_SHORT = 3
_COPY_OF = re.compile(r"\W*(?:copy of|kopie von|copie de|copia de|copi o|نسخة من)\s+(.+)", re.IGNORECASE)
_DRAFT = (
    r"draft|copy|copy \d+|test|testing|entwurf|kopie|brouillon|copie|essai|borrador|copia|drafft|prawf|"
    r"copi|"
    r"مسودة|اختبار|نسخة|final|do not send|not for sending|nicht senden|ne pas envoyer"
)
_VERSION = r"(?: (?:version|v?\d+))?"
_MARKS = re.compile(
    r"^\W*(?:copy of|kopie von|copie de|copia de|copi o|نسخة من)\s*:|^copy of .*\(\d+\)$|"
    rf"^\s*[\[(](?:{_DRAFT}){_VERSION}[\])]|[\[(](?:{_DRAFT}){_VERSION}[\])]\s*$|"
    rf"^\s*(?:draft|entwurf|brouillon|borrador|drafft|مسودة|copy|kopie|template|vorlage|"
    rf"modèle){_VERSION}\s*:|"
    r"^\s*(?:draft|entwurf|brouillon)\s[-–—]\s|^(?-i:TEST)\s*[:–-]|^v\d+ |"
    r"^(?-i:DRAFT|ENTWURF|TEMPLATE|COPY|KOPIE|BROUILLON|FINAL)\b(?! (?-i:[A-Z]{2,}))|"
    r"\s[-–—]\s(?:copy|kopie|copie)(?: \d+)?\s*$|\s[-–—]\s(?:draft|entwurf)\s*\d*\s*$|\bcopy \d+\s*$|"
    r"\bnewsletter template\b|"
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
    # A list of names such as “NATO, UNESCO” has no two words side by side.
    if not _SIDE_BY_SIDE.search(subject):
        return False
    long_words = sum(len(word) > _SHORT for word in words)
    return long_words > 1 or any(word.casefold() in _SMALL_WORDS for word in words)


def has_words(subject: str) -> bool:
    """Return whether a subject has any word or number, not only pictures and punctuation."""
    return any(character.isalnum() for character in subject)


def without_copy_of(subject: str) -> str:
    """Return what follows after words such as “Copy of” at the beginning of a subject; empty without them."""
    found = _COPY_OF.fullmatch(subject)
    return found[1] if found else ""


def mark_of_draft(subject: str) -> str:
    """Return the mark by which a subject says that it is a draft, a copy or a test; empty if it has none."""
    found = _MARKS.search(subject)
    return " ".join(found[0].split()) if found else ""
