"""Recognises words that a text quotes or talks about instead of saying them itself."""

import re
from functools import lru_cache

_QUOTED = re.compile(
    r"[“„][^“”„]*[“”]|«[^«»]*»|‘[^‘]*?’(?!\w)|(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|»[^«»]*«|「[^」]*」"
)
_SAYS = re.compile(
    r"\b(?:says?|said|saying|reads?|called|named|titled|words?|writes?|wrote|typed?|types|begins?|starts?|"
    r"beginning|starting|"
    r"terms?|phrase|tag|field|placeholder|wort|wörter|heißt|beginnt|beginnen|steht|schreib\w*|mots?|dit|"
    r"disent|"
    r"commen\w+|intitulé\w*|gair|geiriau|dweud|yn dechrau|كلمة|عبارة|تقول|يقول)\b[^.!?]{0,25}$",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def quotations(text: str) -> tuple[tuple[int, int], ...]:
    """Return where each quotation begins and ends, with its marks."""
    return tuple(found.span() for found in _QUOTED.finditer(text))


def without_quotations(text: str) -> str:
    """Return a text without what it quotes."""
    return _QUOTED.sub(" ", text)


def is_quoted(text: str, start: int, end: int) -> bool:
    """Return whether a part of a text is within quotation marks."""
    return any(begins < start and end < ends for begins, ends in quotations(text))


def is_mentioned(text: str, start: int, end: int) -> bool:
    """Return whether a text only talks about these words: “Emails that begin with “Dear [Name]” are spam”."""
    return any(
        begins < start and end < ends and _SAYS.search(text[max(0, begins - 60) : begins])
        for begins, ends in quotations(text)
    )
