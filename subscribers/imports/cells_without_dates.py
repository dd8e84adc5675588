"""Decides whether the numbers in a cell could say when somebody gave their details.

Dates are written in more ways than anybody can list. So we list what is not a date, and every other number
could be one.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from django.utils import timezone

from subscribers.imports.column_aliases import words_of
from subscribers.imports.older_dates import is_older
from subscribers.imports.periods_in_cells import TIME, periods_in
from subscribers.imports.status_at_other_service import NO_TIME
from subscribers.imports.words_of_dates import BEGINNINGS, months_called
from subscribers.lawful_basis import CHARITABLE_SINCE

CURRENCY = r"(?:[£$€¥₹]|gbp|eur|usd|chf)"
# With +, or British numbers of eleven digits in their usual groups.
PHONE = (
    r"(?:\+\d[\d ().-]{7,20}|\(?02\d\)?[ -]?[3-9]\d{3}[ -]?\d{4}|\(?0[13578]\d\d\)?[ -]?\d{3}[ -]?\d{4}|"
    r"\(?0[13578]\d{3}\)?[ -]?\d{3}[ -]?\d{3})(?!\d)"
)
PHONES = re.compile(rf"(?<!\d){PHONE}")
NO_DATE = re.compile(
    r"[01]"
    rf"|{CURRENCY} ?-?\d[\d.,]*|-?\d[\d.,]* ?(?:{CURRENCY}|%)"  # amounts
    rf"|{PHONE}"
    r"|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}"  # postcodes
    r"|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"  # UUIDs
    r"|(?:\d{1,3}\.){3}\d{1,3}"  # network addresses
    r"|\S+@\S+",
    re.IGNORECASE,
)
SHORT_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,2})(?:[.,]\d\d?)?")
# Neither a year nor a number of a day in a spreadsheet.
LONGER_NUMBER = re.compile(r"(?!19|20[0-2])\d{4}\.\d\d|\d,\d{3}|\d{1,3}(?:,\d{3})+\.\d\d")
PIECES = re.compile(r"[,;|\n\"]+")
NUMBER = re.compile(r"(?P<glued>[^\W\d_]|['’‘`´])?(?P<digits>\d+)")
WORD = re.compile(r"[^\W\d_]+")
DIGITS_OF_DATE = re.compile(r"20\d{6}(?:T?\d{4}(?:\d\d)?Z?)?")
PARTS_OF_DATE = 3
PART_OF_YEAR = re.compile(r"\b(?:[qhs]|k?w)\d{1,2}\b", re.IGNORECASE)
SHORT = len("100")
MORE_WORDS = words_of("year years fy ay class season winter spring summer autumn quarter week")


@lru_cache(4_096)
def could_be_older(cell: str, collected_on: date | None, *, is_date: bool) -> bool:
    """Return whether a cell has a number that could be a date before the law, or one that we cannot read.

    `is_date` says that the heading is about dates, so that short numbers count as well.
    """
    text = " ".join(unicodedata.normalize("NFKC", cell.replace("\n", "|")).split())
    if not any(map(str.isnumeric, text)) or NO_TIME.fullmatch(text) or NO_DATE.fullmatch(text):
        return False
    if _is_recent_date(text, collected_on, is_date=is_date):
        return False
    if is_date:
        return True
    if SHORT_NUMBER.fullmatch(text) or LONGER_NUMBER.fullmatch(text):
        return False
    pieces = [piece.strip() for piece in PIECES.split(PHONES.sub(" ", text))]
    return not all(
        NO_DATE.fullmatch(piece)
        or _is_recent_date(piece, collected_on, is_date=False)
        or _has_only_short_number(piece)
        for piece in pieces
    )


def _is_recent_date(text: str, collected_on: date | None, *, is_date: bool) -> bool:
    """Return whether a text has one date that we can read, and it is recent."""
    if DIGITS_OF_DATE.fullmatch(text) or (is_date and text.isdecimal()):
        return _says_recent(text, collected_on, is_date=is_date)
    numbers = list(NUMBER.finditer(TIME.sub(" ", text)))
    years = [each for each in numbers if _is_recent_year(each["digits"])]
    others = [each for each in numbers if each not in years]
    if any(
        len(each["digits"]) > len("31") or (each["glued"] and not PART_OF_YEAR.search(text))
        for each in others
    ):
        return False
    if len(numbers) > PARTS_OF_DATE or len(years) > 1 or any(each["glued"] for each in years):
        return False
    is_year_alone = bool(years) and not others and not is_date
    # A date with a short year that is still to come can be another one with its parts in an unusual order.
    is_to_come = not years and any(first > timezone.localdate() for first, _last in periods_in(text))
    return is_year_alone or (not is_to_come and _says_recent(text, collected_on, is_date=is_date))


def _says_recent(text: str, collected_on: date | None, *, is_date: bool) -> bool:
    is_read = bool(periods_in(text, is_date=is_date))
    return is_read and not is_older(text, collected_on, is_date=is_date)


def _is_recent_year(digits: str) -> bool:
    return len(digits) == len("2026") and CHARITABLE_SINCE.year <= int(digits) <= CHARITABLE_SINCE.year + 50


def _has_only_short_number(text: str) -> bool:
    """Return whether a text has at most one short number, with words as in “10k” beside it, but none of a date."""
    if not any(map(str.isnumeric, text)):
        return True
    numbers = list(NUMBER.finditer(text))
    if len(numbers) != 1 or len(numbers[0]["digits"]) > SHORT or numbers[0]["glued"]:
        return False
    words = WORD.findall(text)
    return bool(words) and not any(
        word.casefold() in BEGINNINGS | MORE_WORDS or months_called(word) for word in words
    )
