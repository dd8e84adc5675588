"""Checks the fixed words that a theme brings: their languages, their names and their placeholders."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from django.core.exceptions import ValidationError

from newsletter.issues.validators import validate_language_tag
from newsletter.rendering.find_theme import DESCRIPTION, Theme
from newsletter.rendering.fixed_words import COUNTED, TEXTS, english_word
from newsletter.rendering.theme_check_finding import ThemeFinding

_PLACEHOLDER = re.compile(r"\{\w+\}")
_TEMPLATES = (".html", ".txt")


def check_words(theme: Theme) -> Iterator[ThemeFinding]:
    """Find words that no email would show, or would show with a placeholder that stays open."""
    used = _templates_of(theme)
    for language, words in theme.words.items():
        place = f"{theme.name}/{DESCRIPTION}, [words.{language}]"
        try:
            validate_language_tag(language)
        except ValidationError as error:
            yield ThemeFinding(error.messages[0], place)
        for name, text in words.items():
            if english := english_word(name):
                yield from _placeholders(name, text, english, place)
            elif not re.search(rf"\bwords\b(?:\.|\.get\W+|\[\W*){re.escape(name)}\b", used):
                yield ThemeFinding(_unknown(name), place)


def _placeholders(name: str, text: str, english: str, place: str) -> Iterator[ThemeFinding]:
    ours, theirs = set(_PLACEHOLDER.findall(english)), set(_PLACEHOLDER.findall(text))
    for wrong in sorted(theirs - ours):
        allowed = (
            f"This text can contain {', '.join(sorted(ours))}."
            if ours
            else "This text cannot contain placeholders."
        )
        yield ThemeFinding(f"Readers would see {wrong} in “{name}”. {allowed}", place)
    for missing in sorted(ours - theirs):
        yield ThemeFinding(
            f"“{name}” does not contain {missing}, but the standard wording does.", place, must=False
        )


def _unknown(name: str) -> str:
    close = get_close_matches(name, [*TEXTS, *COUNTED], n=1)
    advice = (
        f"Did you mean “{close[0]}”?" if close else "The names are in newsletter/rendering/fixed_words.py."
    )
    return f"We could not find any standard wording called “{name}”, and no template in the theme uses it. {advice}"


def _templates_of(theme: Theme) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for folder in theme.folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TEMPLATES and path.is_file()
    )
