"""Names of languages and time zones as people and programs write them: “German”, “Deutsch”, “W. Europe Standard Time”.

The names come from the CLDR, by Babel.
"""

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

from subscribers.imports.column_aliases import LANGUAGES, plain_words, words_of

# The languages whose names for themselves are known; names for other languages are known in those of LANGUAGES.
OWN_NAMES = words_of(
    "af ar bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk ms "
    "mt nb nl nn no pl pt ro ru sk sl sq sr sv sw ta th tr uk ur vi zh"
)
# What Rails and Mailchimp call zones, where the name is not a place of the IANA names.
ZONES = {
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "atlantic time": "America/Halifax",
}


def language_called(name: str) -> str:
    """Return the language tag of a name such as “French”, “Deutsch” or “Portuguese (Brazil)”, or an empty string."""
    return _languages().get(plain_words(name), "")


def code_of_language(code: str) -> str:
    """Return the two letters of a code of three: `de` for `DEU` and `ger` (ISO 639-2). Another is unchanged."""
    if len(code) != 3:  # noqa: PLR2004 - ISO 639-2
        return code
    return str(get_global("language_aliases").get(code.lower(), code.lower()))


def zone_called(name: str) -> str:
    """Return the IANA name of a zone that Windows or Rails names, or an empty string."""
    words = plain_words(name)
    found = _windows_zones().get(words)
    if found:
        return found
    return ZONES.get(words.removesuffix(" us canada").removesuffix(" canada"), "")


@cache
def _languages() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for tag in (*LANGUAGES, *sorted(OWN_NAMES)):
        locale = Locale.parse(tag)
        if own := locale.get_display_name(tag):
            found.setdefault(plain_words(own), tag)
        if tag not in LANGUAGES:
            continue
        for code, name in locale.languages.items():
            if len(code) <= 3 or code in {"zh_Hans", "zh_Hant"}:  # noqa: PLR2004 - a language without more
                found.setdefault(plain_words(name), code.replace("_", "-"))
        for code in (
            "en_GB",
            "en_US",
            "en_AU",
            "en_CA",
            "fr_CA",
            "fr_CH",
            "de_AT",
            "de_CH",
            "pt_BR",
            "pt_PT",
            "es_MX",
        ):
            named = Locale.parse(code)
            tag_of_region = code.replace("_", "-")
            for territory in {named.territory or "", locale.territories.get(named.territory or "", "")}:
                language = locale.languages.get(named.language, named.language)
                found.setdefault(plain_words(f"{language} {territory}"), tag_of_region)
            found.setdefault(plain_words(locale.languages.get(code, "")), tag_of_region)
    found.update({"english uk": "en-GB", "english usa": "en-US", "chinese simplified": "zh-Hans"})
    found.pop("", None)
    return found


@cache
def _windows_zones() -> Mapping[str, str]:
    return {plain_words(name): zone for name, zone in get_global("windows_zone_mapping").items()}
