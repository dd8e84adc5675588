"""Dates, lengths of time and money in a publication's language, and what its script needs."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from subscribers import long_dates
from subscribers.translated_languages import script_of

_FALLBACK = "en"
_WITH_ITALICS = frozenset({"Latn", "Cyrl", "Grek"})


def has_italics(language: str) -> bool:
    """Return whether the language's script has italics. Elsewhere, mail programs slant the text until it is ugly."""
    return script_of(language) in _WITH_ITALICS


@lru_cache(128)
def locale_of(language: str) -> Locale:
    """Return Babel's locale for a language tag, or else for its language alone, or else for English."""
    for name in (language, language.split("-", maxsplit=1)[0]):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_FALLBACK)


@lru_cache(1024)
def long_date(day: date, language: str) -> str:
    """Return a date such as `23 November 2026` in the language."""
    return long_dates.long_date(day, locale_of(language))


@lru_cache(1024)
def long_duration(seconds: int, language: str) -> str:
    """Return a length of time in whole minutes, such as `34 minutes` or `1 hour, 5 minutes`, in the language."""
    from babel.lists import format_list
    from babel.units import format_unit

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
    from babel.numbers import UnknownCurrencyError, format_currency

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


@lru_cache(256)
def percent(number: int, language: str) -> str:
    """Return a percentage such as `64%` or `64 %` in the language."""
    from babel.numbers import format_percent

    return format_percent(Decimal(number) / 100, locale=locale_of(language))


def _without_cents(locale: Locale) -> str:
    return str(locale.currency_formats["standard"].pattern).replace(".00", "")
