"""What depends on a publication's language: its fixed words, dates, money, and the direction of writing."""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import UnknownCurrencyError, format_currency
from django.conf import settings

_FALLBACK = "en"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})


def direction(language: str) -> str:
    """`rtl` or `ltr`, as HTML's dir says it."""
    parts = language.lower().replace("_", "-").split("-")
    if "latn" in parts:
        return "ltr"
    return "rtl" if parts[0] in _RIGHT_TO_LEFT else "ltr"


def words_in(language: str, changes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The fixed words of a letter: English where the language lacks one, with a theme's changes upon them."""
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
    """Babel's locale of a language tag, or of its language alone, or English."""
    for name in (language, language.split("-", maxsplit=1)[0]):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_FALLBACK)


@lru_cache(1024)
def long_date(day: date, language: str) -> str:
    """`23 November 2026` in the language."""
    return format_date(day, format="long", locale=locale_of(language))


@lru_cache(256)
def money(amount: Decimal, currency: str, language: str) -> str:
    """`£1,250` in the language; pence only where there are any."""
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
