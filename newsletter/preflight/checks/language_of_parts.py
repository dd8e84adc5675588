"""Check that each part of the email declares the language that it is in."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from newsletter.preflight.checked_issue import CheckedIssue, words_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.guess_language import language_name, other_language
from newsletter.preflight.hidden_elements import is_hidden
from newsletter.preflight.where_to_edit import INTRODUCTION
from subscribers.phrases import shortened

CHECK = "language of parts"
PARTS = Rule(
    "accessibility.language-of-parts",
    "Some text is in a script that its declared language does not use",
    Level.WARNING,
    "A screen reader reads the text aloud in the wrong language, or skips it.",
    "Set the language of the article, or leave out the part that is in a different language.",
    Basis(
        "WCAG 2.2, success criterion 3.1.2",
        "https://www.w3.org/TR/WCAG22/#language-of-parts",
        "November 2026",
    ),
)
OTHER_LANGUAGE = Rule(
    "accessibility.other-language",
    "Some text does not seem to be in its declared language",
    Level.WARNING,
    "A screen reader reads the text aloud in the wrong language.",
    "Set the language of the article or the newsletter, or leave out the part that is in a different language.",
    PARTS.basis,
)
RULES = (PARTS, OTHER_LANGUAGE)
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


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph, heading or list item, and the language that it declares."""

    words: str
    language: str
    place: Place
    position: int


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Name the first line of each part that is in another script or language than it declares."""
    if checked.email is None:
        return
    lines = list(_lines(checked))
    yield from _in_another_script(lines)
    yield from _in_another_language(checked.email.language, lines)


def _lines(checked: CheckedIssue) -> Iterator[_Line]:
    for line in checked.document.iter(*_LINES):
        words = words_of(line)
        language = _declared(line)
        # Sources are titles of works in any language.
        is_source = "cited" in (line.get("class") or "").split()
        is_quotation = next(line.iterancestors("blockquote"), None) is not None
        if words and language and not (is_source or is_quotation or is_hidden(line)):
            yield _Line(words, language, *checked.places.place_and_position(line))


def _in_another_script(lines: list[_Line]) -> Iterator[Finding]:
    named: set[Place] = set()
    for line in lines:
        if line.place not in named and _is_in_another_script(line.words, line.language):
            named.add(line.place)
            what = (
                f"“{shortened(line.words, _LONGEST)}” is marked as “{line.language}”, but is in a different "
                "script."
            )
            yield PARTS.found(what, line.place, position=line.position)


def _in_another_language(expected: str, lines: list[_Line]) -> Iterator[Finding]:
    if whole := _language_of_all(expected, lines):
        what = (
            f"Most of the email seems to be in {language_name(whole)}, but the newsletter’s language is "
            f"{language_name(expected)}."
        )
        yield OTHER_LANGUAGE.found(what, Place("settings", "identity"))
        return
    named: set[Place] = set()
    for line in (*lines, *_short_parts(lines)):
        language = "" if line.place in named else other_language(line.words, line.language)
        if language:
            named.add(line.place)
            what = (
                f"“{shortened(line.words, _LONGEST)}” seems to be in {language_name(language)}, but is marked as "
                f"{language_name(line.language)}."
            )
            yield OTHER_LANGUAGE.found(what, line.place, position=line.position)


def _language_of_all(expected: str, lines: list[_Line]) -> str:
    """Return the language in which the introduction and most articles are, if it is not the newsletter’s."""
    own = [line for line in lines if line.place == INTRODUCTION or line.place.article]
    introduction = (other_language(line.words, expected) for line in own if line.place == INTRODUCTION)
    language = next(filter(None, introduction), "")
    count = sum(len(line.words.split()) for line in own)
    in_it = sum(len(line.words.split()) for line in own if other_language(line.words, expected) == language)
    return language if language and in_it > count / 2 else ""


def _short_parts(lines: list[_Line]) -> Iterator[_Line]:
    """Join the lines of each part, which can be too short one by one, such as a headline and a summary."""
    parts: dict[tuple[Place, str], list[_Line]] = defaultdict(list)
    for line in lines:
        if line.place.part != "settings":
            parts[line.place, line.language].append(line)
    for (place, language), found in parts.items():
        yield _Line("\n".join(line.words for line in found), language, place, found[0].position)


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
