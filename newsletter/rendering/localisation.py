"""Everything that depends on a publication's language: fixed phrases, dates, money, and the direction of writing."""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import UnknownCurrencyError, format_currency
from babel.units import format_unit
from django.conf import settings

_FALLBACK = "en"
_WITH_ITALICS = frozenset({"Latn", "Cyrl", "Grek"})
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})


def direction(language: str) -> str:
    """Return `rtl` or `ltr`, for HTML's `dir` attribute."""
    parts = language.lower().replace("_", "-").split("-")
    if "latn" in parts:
        return "ltr"
    return "rtl" if parts[0] in _RIGHT_TO_LEFT else "ltr"


def has_italics(language: str) -> bool:
    """Return whether the language's script has italics. Elsewhere, mail programs slant the text until it is ugly."""
    script = locale_of(language).script or _script_of(language)
    return script in _WITH_ITALICS


def words_in(language: str, changes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the fixed phrases of an email: English if the language has none, replaced by the theme's own phrases."""
    words: dict[str, str] = {}
    narrower = [_FALLBACK, language.split("-", maxsplit=1)[0].lower(), language]
    for table in (_shipped(), changes):
        for name in narrower:
            words |= table.get(name, {})
    return words


@lru_cache(1)
def _shipped() -> dict[str, dict[str, str]]:
    path = Path(settings.TEMPLATES_DIR) / "email" / "partials" / "words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@lru_cache(128)
def locale_of(language: str) -> Locale:
    """Return Babel's locale for a language tag, or else for its language alone, or else for English."""
    for name in (language, language.split("-", maxsplit=1)[0]):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_FALLBACK)


@lru_cache(128)
def _script_of(language: str) -> str:
    """Return the script in which a language is usually written (Unicode's likely subtags)."""
    likely = get_global("likely_subtags").get(language.split("-", maxsplit=1)[0].lower(), "")
    return next((part for part in likely.split("_")[1:] if len(part) == len("Latn")), "Latn")


@lru_cache(1024)
def long_date(day: date, language: str) -> str:
    """Return a date such as `23 November 2026` in the language."""
    return format_date(day, format="long", locale=locale_of(language))


@lru_cache(1024)
def long_duration(seconds: int, language: str) -> str:
    """Return a length of time in whole minutes, such as `34 minutes` or `1 hour, 5 minutes`, in the language."""
    locale = locale_of(language)
    hours, minutes = divmod(max(round(seconds / 60), 1), 60)
    parts = [
        format_unit(number, f"duration-{unit}", length="long", locale=locale)
        for number, unit in ((hours, "hour"), (minutes, "minute"))
        if number
    ]
    return format_list(parts, style="unit", locale=locale)


@lru_cache(256)
def money(amount: Decimal, currency: str, language: str) -> str:
    """Return an amount such as `£1,250` in the language, with pence only if there are any."""
    locale = locale_of(language)
    whole = amount == amount.to_integral_value()
    try:
        if whole:
            return format_currency(
                amount, currency, locale=locale, format=_without_cents(locale), currency_digits=False
            )
        return format_currency(amount, currency, locale=locale)
    except UnknownCurrencyError:
        return f"{currency} {amount}"


def _without_cents(locale: Locale) -> str:
    return str(locale.currency_formats["standard"].pattern).replace(".00", "")
