"""The languages in which our own texts exist: one catalogue for each, `locale/LANGUAGE/LC_MESSAGES/django.po`.

The texts in the code are English. A catalogue says in its header whether somebody who knows the language has
reviewed it. An unreviewed one is used only where somebody chose its language: for a list, or in
SUBSCRIBERS_LANGUAGES.
"""

from dataclasses import dataclass
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global

LOCALE = Path(__file__).parent / "locale"
OUR_OWN = "en"
SCRIPT_LETTERS = 4
_REVIEWED = '"X-Reviewed: yes'
_RIGHT_TO_LEFT = frozenset(
    {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"}
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts in one language. `language` is a tag such as `de`; `texts` translates as gettext does."""

    language: str
    reviewed: bool
    texts: NullTranslations

    @property
    def name(self) -> str:
        """The English name of the language, such as German."""
        return language_name(self.language)


ENGLISH = Catalogue(OUR_OWN, reviewed=True, texts=NullTranslations())


@lru_cache(1)
def catalogues() -> dict[str, Catalogue]:
    """Return every catalogue by its language, English first and then by tag."""
    found = {OUR_OWN: ENGLISH}
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            texts = GNUTranslations(file)
        tag = path.parent.parent.name.replace("_", "-")
        # Compiled catalogues keep only the standard headers.
        header = path.with_suffix(".po").read_text(encoding="utf-8").partition("\n\n")[0]
        found[tag] = Catalogue(tag, reviewed=_REVIEWED in header, texts=texts)
    return found


@lru_cache(256)
def find_catalogue(tag: str) -> Catalogue | None:
    """Return the catalogue for a language tag, or for a more general tag (`de` for `de-AT`), if there is one.

    A catalogue in another script does not count: a text in Cyrillic does not help readers of sr-Latn.
    """
    parts = tag.replace("_", "-").split("-")
    known = {each.lower(): catalogue for each, catalogue in catalogues().items()}
    while parts:
        found = known.get("-".join(parts).lower())
        if found and script_of(found.language) == script_of(tag):
            return found
        parts.pop()
    return None


@lru_cache(256)
def written_in(tag: str, *, offered: tuple[str, ...] | None = None) -> str:
    """Return the tag of the language in which a reader with this language sees our texts: itself, or `en`.

    With `offered`, an unreviewed language counts only if it is one of these.
    """
    found = find_catalogue(tag)
    if found is None:
        return OUR_OWN
    if offered is None or found.reviewed or found in map(find_catalogue, offered):
        return tag
    return OUR_OWN


def texts_in(tag: str) -> NullTranslations:
    """Return the texts that `written_in` promises, for gettext and ngettext.

    Django's own gettext would prefer the translation of another app that has the same text.
    """
    return (find_catalogue(tag) or ENGLISH).texts


def direction(tag: str) -> str:
    """Return `rtl` or `ltr`, for HTML's `dir` attribute."""
    return "rtl" if script_of(tag) in _RIGHT_TO_LEFT else "ltr"


@lru_cache(256)
def script_of(tag: str) -> str:
    """Return the script in which a language is written, such as Latn: as the tag says, or as it usually is."""
    language, *others = tag.replace("_", "-").split("-")
    for part in others:
        if len(part) == SCRIPT_LETTERS and part.isalpha():
            return part.title()
    likely = get_global("likely_subtags")
    region = next((part.upper() for part in others if len(part) == len("GB")), "")
    found = likely.get(f"{language.lower()}_{region}") or likely.get(language.lower(), "")
    return next((part for part in found.split("_")[1:] if len(part) == SCRIPT_LETTERS), "Latn")


@lru_cache(256)
def other_scripts_of(language: str) -> tuple[str, ...]:
    """Return the scripts in which a language, such as `uz`, is written besides its usual one. Latin always counts."""
    likely = get_global("likely_subtags")
    tags = [f"{key}_{value}" for key, value in likely.items() if key.partition("_")[0] == language.lower()]
    found = {
        part for tag in tags for part in tag.split("_") if len(part) == SCRIPT_LETTERS and part.istitle()
    }
    return tuple(sorted({*found, "Latn"} - {script_of(language)}))


@lru_cache(256)
def regions_of_other_scripts(language: str) -> dict[str, str]:
    """Return the regions in which a language usually has another script than elsewhere, as `TW` for `zh`, with it."""
    pairs = (key.split("_") for key in sorted(get_global("likely_subtags")))
    regions = [pair[1] for pair in pairs if pair[0] == language.lower() and len(pair) == len(("zh", "TW"))]
    scripts = {each: script_of(f"{language}-{each}") for each in regions if len(each) == len("TW")}
    return {region: script for region, script in scripts.items() if script != script_of(language)}


@lru_cache(256)
def language_name(tag: str, spoken: str = OUR_OWN) -> str:
    """Return the name of a language in another one, or else in English; its tag if nobody knows it."""
    try:
        return Locale.parse(tag, sep="-").get_language_name(spoken) or tag
    except (UnknownLocaleError, ValueError):
        language = tag.split("-", maxsplit=1)[0]
        return language_name(language, spoken) if language != tag else tag


@lru_cache(256)
def display_name(tag: str) -> str:
    """Return the name of a language in itself, with its region if the tag has one: `Deutsch`, `British English`."""
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return tag
    return locale.get_display_name() or tag
