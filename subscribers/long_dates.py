"""Dates as a language writes them in a text. The translations around them expect a day, a month and a year."""

from contextlib import suppress
from datetime import date
from functools import lru_cache

from babel import Locale, UnknownLocaleError


def long_date(day: date, locale: Locale) -> str:
    """Return a date such as `23 November 2026` in a language. In French, the first day of a month is `1er`."""
    from babel.dates import format_date

    written = format_date(day, "long", locale=locale)
    return f"1er{written.removeprefix('1')}" if locale.language == "fr" and day.day == 1 else written


@lru_cache(64)
def locale_called(spoken: str) -> Locale:
    """Return the locale in which dates are written. Babel’s English without a region is American."""
    for tag in ({"en": "en-GB"}.get(spoken, spoken), spoken.partition("-")[0]):
        with suppress(UnknownLocaleError, ValueError):
            return Locale.parse(tag, sep="-")
    return Locale("en", "GB")
