"""Split by-lines and lists of keywords that a source writes into one text: one name, one topic each."""

import re
from collections.abc import Iterable

MAX_PARTS = 100
LONGEST = 5_000
_FEW_WORDS = 3
# Addresses of profiles, and accounts that no person is named after.
_NOBODY = re.compile(
    r"https?://\S*|www\.\S+|(?:wp-?|site ?|web ?)?admin(?:istrator)?|webmaster|root|wordpress|anonymous"
    r"|unknown(?: author)?",
    re.IGNORECASE,
)

_BY = re.compile(r"\A\s*(?:by|von|par|por|door|di)\s+(?=[^\W\d_])", re.IGNORECASE)
_AND = re.compile(r" ?(?:;|\|| & | (?:and|und|et|y|e|en|och|og|i) ) ?", re.IGNORECASE)
# "A. B.", "A.B.", "J.-P.", but not "MD".
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.[ -]?){1,4}|[^\W\d_a-z]")
_ENDINGS = re.compile(
    r"(?:Jr|Sr|PhD|Ph\.D|MD|M\.D|MBA|MSc|BSc|RN|DPhil|FRS|OBE|CBE|MBE|II|III|IV|Esq)\.?", re.IGNORECASE
)
_ROLE = re.compile(
    r"\b(?:correspondent|editor|reporter|writer|director|officer|office|team|desk|news|staff|contributor|columnist"
    r"|journalist|chief|head|manager|president|professor|university|institute|department|ltd|inc|plc|llc|gmbh)\b",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\b(?:and|und|et|y|e|og|och|en|i)\b|&", re.IGNORECASE)


def people_in(by_lines: Iterable[str]) -> tuple[str, ...]:
    """Return the people of by-lines, each alone: "By Ann Lee, Bo Kim and Cy Ng" names three.

    A comma separates people only if each of them has two names or more, so "Lee, Ann" stays one person.
    """
    names = (name for by_line in by_lines for name in _people(by_line[:LONGEST]))
    return tuple(name for name in names if not _NOBODY.fullmatch(name.strip()))


def topics_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return topics, each alone: a text with commas is a list unless it reads like one name: "Arts, Crafts & More"."""
    return tuple(topic for text in texts for topic in topics_of(text))


def topics_of(text: str) -> list[str]:
    """Return the topics in one text."""
    parts = [part.strip() for part in re.split(r"[,;|]", text[:LONGEST])[:MAX_PARTS]]
    whole = len(parts) < 2 or _JOINED.search(text) or any(len(part.split()) > _FEW_WORDS for part in parts)  # noqa: PLR2004
    return [text] if whole else [part for part in parts if part]


def _people(by_line: str) -> list[str]:
    by_line = " ".join(by_line.split())
    whole = _BY.sub("", by_line) if by_line[:3].strip().lower() == "by" else by_line
    between = _AND.split(whole)
    parts = [part.strip(" ,") for part in between[:MAX_PARTS]] if _are_names(between) else [whole]
    return [name for part in parts for name in _at_commas(part) if name]


def _are_names(parts: list[str]) -> bool:
    """Tell whether each part can be a person of its own, and not half of "Research and Policy"."""
    return all(len(part.replace(",", " ").split()) > 1 for part in parts if part.strip())


def _surnames_first(text: str) -> list[str]:
    """Return the people of "Lee, A. B., Kim, B." as "A. B. Lee" and "B. Kim"; nothing if it is not such a list."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    surnames, initials = parts[::2], parts[1::2]
    if len(surnames) != len(initials) or not all(map(_INITIALS.fullmatch, initials)):
        return []
    return [f"{given} {surname}" for surname, given in zip(surnames, initials, strict=True)]


def _at_commas(text: str) -> list[str]:
    if people := _surnames_first(text):
        return people
    parts: list[str] = []
    for part in text.split(","):
        if parts and _ENDINGS.fullmatch(part.strip()):
            parts[-1] += f",{part}"
        elif part.strip():
            parts.append(part.strip())
    if len(parts) < 2 or _ROLE.search(text) or any(len(part.split()) < 2 for part in parts):  # noqa: PLR2004 - two names
        return [text]
    return parts
