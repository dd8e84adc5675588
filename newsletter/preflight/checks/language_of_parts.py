"""Check that each part of the email declares its language if that is not the email’s own."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from newsletter.preflight.checked_issue import CheckedIssue, words_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.hidden_elements import is_hidden
from subscribers.phrases import shortened

CHECK = "language of parts"
PARTS = Rule(
    "accessibility.language-of-parts",
    "A text’s script does not match its declared language",
    Level.WARNING,
    "A screen reader reads the text aloud in the wrong language, or skips it.",
    "Set the language of the article, or leave out the part that is in a different language.",
    Basis(
        "WCAG 2.2, success criterion 3.1.2",
        "https://www.w3.org/TR/WCAG22/#language-of-parts",
        "November 2026",
    ),
)
RULES = (PARTS,)
# The scripts other than Latin of languages, by the beginning of the Unicode names of their characters.
SCRIPTS = {
    **dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "be", "kk", "mn"), ("CYRILLIC",)),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ckb"), ("ARABIC",)),
    **dict.fromkeys(("he", "yi"), ("HEBREW",)),
    **dict.fromkeys(("hi", "mr", "ne"), ("DEVANAGARI",)),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "zh": ("CJK",),
    "ko": ("HANGUL", "CJK"),
    "el": ("GREEK",),
    "th": ("THAI",),
    "ta": ("TAMIL",),
    "bn": ("BENGALI",),
    "pa": ("GURMUKHI",),
    "hy": ("ARMENIAN",),
    "ka": ("GEORGIAN",),
    "am": ("ETHIOPIC",),
}
# Names, formulas and quoted words in another script do not count as a text in another language.
FEWEST_CHARACTERS, SHARE = 12, 0.6
_LONGEST = 60
_LINES = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6")


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the first line of each part that is mostly written in a script that its language does not have."""
    if checked.email is None:
        return
    named: set[Place] = set()
    for line in checked.document.iter(*_LINES):
        words = words_of(line)
        if not words or is_hidden(line):
            continue
        language = _declared(line)
        if language and _is_in_another_script(words, language):
            place, position = checked.places.place_and_position(line)
            if place not in named:
                named.add(place)
                what = (
                    f"“{shortened(words, _LONGEST)}” is marked as “{language}”, but is in a different script."
                )
                yield PARTS.found(what, place, position=position)


def _declared(line: Any) -> str:
    """Return the language that a line declares, or what is around it, or the only element in it."""
    inside = [each for each in line if isinstance(each.tag, str)]
    if len(inside) == 1 and not (line.text or "").strip() and not (inside[0].tail or "").strip():
        own = inside[0].get("lang")
        if own:
            return str(own)
    return next((each.get("lang") for each in (line, *line.iterancestors()) if each.get("lang")), "")


def _is_in_another_script(words: str, language: str) -> bool:
    # Texts in every language contain Latin characters: names, words and addresses.
    expected = {*SCRIPTS.get(language.partition("-")[0].lower(), ()), "LATIN"}
    scripts = Counter(_script(character) for character in words if character.isalpha())
    others = sum(count for script, count in scripts.items() if script not in expected)
    return others >= FEWEST_CHARACTERS and others >= SHARE * scripts.total()


@lru_cache(maxsize=4_096)
def _script(character: str) -> str:
    return unicodedata.name(character, "LATIN").partition(" ")[0].partition("-")[0]
