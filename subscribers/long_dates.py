"""Dates as a language writes them in a text. The translations around them expect a day, a month and a year."""

from datetime import date

from babel import Locale


def long_date(day: date, locale: Locale) -> str:
    """Return a date such as `23 November 2026` in a language. In French, the first day of a month is `1er`."""
    from babel.dates import format_date

    written = format_date(day, "long", locale=locale)
    return f"1er{written.removeprefix('1')}" if locale.language == "fr" and day.day == 1 else written
