"""Guesses the language and the time zone of somebody from what their browser asks for; both are only suggestions."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global

LANGUAGE, ZONE = "en-GB", "Europe/London"
# The zone of most people where a country has several.
OF_LARGE_COUNTRIES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "MX": "America/Mexico_City",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "US": "America/New_York",
}
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*")
MAX_TAGS = 5


def guess_language(accept_language: str) -> str:
    """Return the first language that a browser asks for and that we can write dates in, such as en-GB or de."""
    for part in accept_language[:200].split(",")[:MAX_TAGS]:
        tag = part.partition(";")[0].strip()
        if not _TAG.fullmatch(tag):
            continue
        try:
            Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        return "en-GB" if tag.lower() == "en" else tag
    return LANGUAGE


def guess_zone(language: str) -> str:
    """Return the zone of a language's country, such as Europe/Berlin for de or de-DE."""
    try:
        locale = Locale.parse(language, sep="-")
        territory = locale.territory or _likely_territory(locale.language)
    except (ValueError, UnknownLocaleError):
        return ZONE
    if territory in OF_LARGE_COUNTRIES:
        return OF_LARGE_COUNTRIES[territory]
    zones = get_global("territory_zones").get(territory, [])
    return next((zone for zone in zones if zone in _zones_of_countries()), ZONE)


def zones() -> list[str]:
    """Return the zones to choose from, by name, and UTC: at least one for each country, without the old names."""
    return [*sorted(_zones_of_countries()), "UTC"]


@cache
def zones_by_old_name() -> Mapping[str, str]:
    """Return today's name for each old name of a zone, such as Asia/Kolkata for Asia/Calcutta. Browsers use some."""
    links = (line.split() for line in _table("tzdata.zi") if line.startswith("L "))
    known = _zones_of_countries()
    return {old: zone for _mark, zone, old in links if zone in known and old not in known and "/" in old}


@cache
def _zones_of_countries() -> frozenset[str]:
    """Return the zones of all countries that this system knows. Each of them has its present name in this table."""
    rows = (line.split("\t") for line in _table("zone.tab") if not line.startswith("#"))
    return frozenset(row[2] for row in rows) & available_timezones()


def _table(name: str) -> list[str]:
    return (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8").splitlines()


def _likely_territory(language: str) -> str:
    likely = str(get_global("likely_subtags").get(language, ""))
    return likely.rpartition("_")[2]
