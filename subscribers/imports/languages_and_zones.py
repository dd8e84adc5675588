"""Names of languages and time zones as people and programs write them: “German”, “Deutsch”, “W. Europe Standard Time”.

The names come from the CLDR, by Babel.
"""

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

from subscribers.imports import headings_of_languages
from subscribers.imports.column_aliases import LANGUAGES, plain_words, words_of
from subscribers.personal_details import zones

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
    "hawaii": "Pacific/Honolulu",
    "alaska": "America/Anchorage",
    "arizona": "America/Phoenix",
    "central european time": "Europe/Berlin",
    "central european summer time": "Europe/Berlin",
    "mitteleuropaische zeit": "Europe/Berlin",
    "mitteleuropaische sommerzeit": "Europe/Berlin",
    "heure d europe centrale": "Europe/Paris",
    "eastern european time": "Europe/Athens",
    "western european time": "Europe/Lisbon",
    "british summer time": "Europe/London",
    "greenwich mean time": "Europe/London",
}
# “(GMT+01:00) Berlin” and “Europe/Berlin (CET)”.
AROUND_ZONES = re.compile(r"^\s*\((?:gmt|utc)[^)]*\)|(?<=\w)\s*\([A-Z]{2,5}\)\s*$", re.IGNORECASE)
REGIONS = {"uk": "GB", "gb": "GB", "us": "US", "usa": "US"}
OTHER_NAMES = {
    "chinese simplified": "zh-Hans",
    "chinese traditional": "zh-Hant",
    "mandarin": "zh",
    "castellano": "es",
    "castilian": "es",
    "flemish": "nl",
    "vlaams": "nl",
    "flamand": "nl",
    "farsi": "fa",
    "portugues do brasil": "pt-BR",
    "brazilian": "pt-BR",
    "swiss german": "gsw",
}


def language_called(name: str) -> str:
    """Return the language tag of a name such as “French”, “Deutsch” or “Portuguese (Brazil)”, or an empty string."""
    words = plain_words(name)
    if found := _languages().get(words, ""):
        return found
    language, _space, region = words.rpartition(" ")
    found = _languages().get(language, "")
    return f"{found}-{REGIONS[region]}" if region in REGIONS and len(found) == 2 else ""  # noqa: PLR2004 - no region


def code_of_language(code: str) -> str:
    """Return a code of a language in lower case, of three letters that of two: `de` for `DEU` and `ger` (ISO 639-2)."""
    if len(code) != 3:  # noqa: PLR2004 - ISO 639-2
        return code.lower()
    return str(get_global("language_aliases").get(code.lower(), code.lower()))


def zone_called(name: str) -> str:
    """Return the IANA name of a zone that Windows, Rails or people name, or an empty string."""
    name = AROUND_ZONES.sub("", name).strip()
    words = plain_words(name).removesuffix(" us canada").removesuffix(" canada")
    found = _windows_zones().get(plain_words(name)) or ZONES.get(words) or _zones_of_places().get(words)
    if found:
        return found
    known = zones().get(name.lower().replace(" ", "_"), "")
    if known or "," not in name:
        return known
    # As Windows shows them: “Amsterdam, Berlin, Bern, Rome”.
    places = (_zones_of_places().get(plain_words(place), "") for place in name.split(","))
    return next(filter(None, places), "")


@cache
def _languages() -> Mapping[str, str]:
    found: dict[str, str] = {}
    in_full = (*LANGUAGES, *headings_of_languages.LANGUAGES)
    for tag in (*in_full, *sorted(OWN_NAMES)):
        locale = Locale.parse(tag)
        if own := locale.get_display_name(tag):
            found.setdefault(plain_words(own), tag)
        if tag not in in_full:
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
    found.update(OTHER_NAMES)
    found.pop("", None)
    return found


@cache
def _zones_of_places() -> Mapping[str, str]:
    """The zone of each place that names only one: Berlin, but not Indianapolis."""
    found: dict[str, set[str]] = {}
    for zone in zones().values():
        area, slash, place = zone.rpartition("/")
        if slash and not area.startswith(("Etc", "SystemV")):
            found.setdefault(plain_words(place), set()).add(zone)
    return {place: next(iter(named)) for place, named in found.items() if len(named) == 1}


@cache
def _windows_zones() -> Mapping[str, str]:
    return {plain_words(name): zone for name, zone in get_global("windows_zone_mapping").items()}
