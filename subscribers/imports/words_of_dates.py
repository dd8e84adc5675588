"""The names of months, and other words of dates, in the languages whose headings we read. The names are the CLDR's."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

from babel import Locale

from subscribers.imports import headings_of_languages
from subscribers.imports.column_aliases import LANGUAGES, plain_words, words_of

# Between the parts of a date, as in “1 de marzo de 2019” and “the 1st of March”.
BETWEEN = words_of("de del of the in on le la el den der dem di du d du a à em en im i am um w we at et um")
# Before a year, they say that something began then.
BEGINNINGS = words_of(
    "since from joined join registered signed member supporter donor volunteer contact met created added collected "
    "seit ab beigetreten eingetreten mitglied depuis inscrit membre desde miembro socio dal dalla iscritto membro "
    "sinds lid od członek członkini sedan medlem siden"
)
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
OTHER_NAMES = {"sept": 9, "mrz": 3, "maer": 3, "jaen": 1, "mar": 3, "janv": 1, "fevr": 2, "avr": 4, "juil": 7}
# Misspelt names of months count as well, such as Febuary.
SHORTEST_MISSPELT, LIKENESS = 5, 0.85


@lru_cache(4_096)
def months_called(word: str) -> frozenset[int]:
    """Return the months that have this name in any of the languages, by number. Listopad is October or November."""
    plain = plain_words(word)
    if (found := _months().get(plain)) or len(plain) < SHORTEST_MISSPELT:
        return found or frozenset()
    near = get_close_matches(plain, _english(), 1, LIKENESS)
    return frozenset({_english().index(near[0]) + 1}) if near else frozenset()


@lru_cache(1)
def _months() -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for language in (*LANGUAGES, *headings_of_languages.LANGUAGES):
        names = Locale.parse(language, sep="-").months
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in names[use][width].items():
                    found.setdefault(plain_words(name), set()).add(number)
    for name, number in OTHER_NAMES.items():
        found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items() if name.isalpha()}


@lru_cache(1)
def _english() -> list[str]:
    names = Locale("en").months["format"]["wide"]
    return [names[number].lower() for number in sorted(names)]
