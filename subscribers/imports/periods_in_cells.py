"""Reads each day, month or year that a cell could mean, however people and programs write it.

The result is for a doubt, not for a date that we store: a cell that could mean two days gives both.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from subscribers.imports.numbers_as_days import periods_of_number
from subscribers.imports.periods import (
    Period,
    day_of,
    half_of,
    is_year,
    month_of,
    quarter_of,
    short_year,
    week_of,
    year_of,
)
from subscribers.imports.words_of_dates import BEGINNINGS, BETWEEN, ROMAN, months_called

LONGEST = 2_000
# A cell of this length can be a date and nothing else.
LONGEST_DATE = 40
SAME_SIGNS = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("·•∙⋅", ".")
    | dict.fromkeys("’‘ʼ`´", "'")
    | dict.fromkeys("年月년월", "-")
)
END_OF_DAY = re.compile(r"(?<=\d)\s*[日일号]")
TIME = re.compile(
    r"(?<=\d)T\d\d(?::?\d\d){0,2}(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|"
    r"(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\s*(?:[ap]\.?m\b\.?)?|"
    r"\b(?:GMT|UTC|Z)?[+-](?:0\d|1[0-4]):?[0-5]\d\b(?!-)"
)
DOT_NET = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
NUMBER = re.compile(r"(\d+)(?:[.,]\d+)?")
AMOUNT = re.compile(r"[£$€¥₹]\s*[\d.,]+|\d+[.,]\d\d(?![\d.,/-])")
BY_YEAR = re.compile(r"(?<![\d.,/-])(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)")
BY_DAY = re.compile(r"(?<![\d.,/-])(\d{1,2})([-./])(\d{1,2})\2(\d{4})(?!\d)")
WITH_SPACES = re.compile(r"(\d{1,2}) (\d{1,2}) (\d{4})|(\d{4}) (\d{1,2}) (\d{1,2})")
BASIC = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?=T\d)")
SHORT = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2\s*'?(\d\d)")
SHORT_BY_YEAR = re.compile(r"'?(\d\d)([-./])(\d{1,2})\2(\d{1,2})")
MONTH = re.compile(r"(\d{4})[-./](\d{1,2})-?|(\d{1,2})[-./](\d{4})")
ORDINAL_DAY = re.compile(r"(\d{4})-(\d{3})")
ISO_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?[1-7])?", re.IGNORECASE)
PART = r"([hqs]|k?w|sem|wk|week)"
PART_OF_YEAR = re.compile(
    rf"{PART}[ .]?(\d{{1,2}})[ ./-]*'?(\d{{4}})|(\d{{4}})[ ./-]*{PART}[ .]?(\d{{1,2}})", re.IGNORECASE
)
TOKEN = re.compile(r"\d+|[^\W\d_]+")
ENDING = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|º|ª|°)\b\.?", re.IGNORECASE)


def periods_in(cell: str, *, is_date: bool = False) -> list[Period]:
    """Return the days, months and years that a cell could mean. `is_date` says that a number alone is a date."""
    if not any(map(str.isdecimal, cell)):
        return []
    text = _with_same_signs(cell[:LONGEST])
    if found := DOT_NET.fullmatch(text):
        return periods_of_number(found[1].lstrip("-"), is_date=True)
    if found := NUMBER.fullmatch(text):
        return periods_of_number(found[1], is_date=is_date)
    basic = [day_of(*map(int, found.groups())) for found in BASIC.finditer(text)]
    text = " ".join(TIME.sub(" ", text).split()).strip(" ,;")
    found_days: list[Period | None] = [*basic, *_numeric(text)]
    if any(map(str.isalpha, text)):
        found_days += _named(text)
    if len(text) <= LONGEST_DATE:
        found_days += _parts(text)
    if NUMBER.fullmatch(text):
        found_days += periods_of_number(text, is_date=is_date)
    days = [each for each in found_days if each]
    return days or (_years(text) if is_date else [])


def _with_same_signs(cell: str) -> str:
    """Return a cell with ASCII digits, and one sign for each kind of hyphen, dot, quotation mark and space."""
    text = cell
    if not text.isascii():
        text = unicodedata.normalize("NFKC", cell).translate(SAME_SIGNS)
        text = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    return " ".join(ENDING.sub("", END_OF_DAY.sub("", text)).split())


def _numeric(text: str) -> Iterator[Period | None]:
    """Read numbers with a year in full, also among words."""
    for found in BY_YEAR.finditer(text):
        yield day_of(int(found[1]), int(found[3]), int(found[4]))
    for found in BY_DAY.finditer(text):
        yield from _day_and_month(found, int(found[4]))


def _parts(text: str) -> Iterator[Period | None]:
    """Read a text that is a date with a short year, or a month, a quarter, a half or a week of a year."""
    if found := SHORT.fullmatch(text):
        yield from _day_and_month(found, short_year(found[4]))
    if found := WITH_SPACES.fullmatch(text):
        yield day_of(int(found[3] or found[4]), int(found[2] or found[5]), int(found[1] or found[6]))
    if (found := SHORT_BY_YEAR.fullmatch(text)) and int(found[1]) > 12:  # noqa: PLR2004 - a month
        yield day_of(short_year(found[1]), int(found[3]), int(found[4]))
    if found := MONTH.fullmatch(text):
        yield month_of(int(found[1] or found[4]), int(found[2] or found[3]))
    if found := ORDINAL_DAY.fullmatch(text):
        yield _day_in_year(int(found[1]), int(found[2]))
    if found := ISO_WEEK.fullmatch(text):
        yield week_of(int(found[1]), int(found[2]))
    if found := PART_OF_YEAR.fullmatch(text):
        yield _part(found[1] or found[5], int(found[2] or found[6]), int(found[3] or found[4]))


def _part(kind: str, number: int, year: int) -> Period | None:
    match kind.lower():
        case "q":
            return quarter_of(year, number)
        case "h" | "s" | "sem":
            return half_of(year, number)
        case _:
            return week_of(year, number)


def _day_in_year(year: int, number: int) -> Period | None:
    """Return the day with this number in a year, from 1 to 366."""
    first = day_of(year, 1, 1)
    if first is None or not 1 <= number <= 366:  # noqa: PLR2004 - days
        return None
    found = date.fromordinal(first.first.toordinal() + number - 1)
    return Period(found, found) if found.year == year else None


def _day_and_month(found: re.Match[str], year: int) -> Iterator[Period | None]:
    """Read two numbers as day and month. With slashes, or if this is not a day, also as month and day."""
    one, other = int(found[1]), int(found[3])
    day = day_of(year, other, one)
    yield day
    if day is None or found[2] == "/":
        yield day_of(year, one, other)


def _named(text: str) -> Iterator[Period | None]:
    """Read days and months with the name of the month, and years after words such as “since”, also among others."""
    text = AMOUNT.sub(" ", text)
    tokens = [each for each in TOKEN.findall(text) if each.lower() not in BETWEEN]
    for at, token in enumerate(tokens):
        before, after = [*["", ""], *tokens[:at]][-2:], [*tokens[at + 1 :], "", ""][:2]
        if token.isdecimal():
            continue
        if token.casefold() in BEGINNINGS and is_year(after[0]):
            yield year_of(int(after[0]))
        for month in months_called(token) if any(map(str.isdecimal, (*before, *after))) else ():
            yield _beside_month(month, before, after, is_whole=len(tokens))
        if token.upper() in ROMAN and before[1].isdecimal() and is_year(after[0]):
            yield day_of(int(after[0]), ROMAN.index(token.upper()) + 1, int(before[1]))


def _beside_month(month: int, before: list[str], after: list[str], *, is_whole: int) -> Period | None:
    """Return the day or month from the two tokens before, and after, the name of a month. `is_whole`: of how many."""
    near, far = before[1], before[0]
    if is_year(after[0]):
        return _day_or_month(int(after[0]), month, near)
    if is_year(after[1]) and after[0].isdecimal():
        return _day_or_month(int(after[1]), month, after[0])
    if is_year(near):
        return _day_or_month(int(near), month, after[0])
    if is_year(far) and near.isdecimal():
        return _day_or_month(int(far), month, near)
    is_short = len(after[0]) == len("19") and after[0].isdecimal()
    if is_short and (
        is_whole == len(("Mar", "19")) or (is_whole == len(("1", "Mar", "19")) and near.isdecimal())
    ):
        return _day_or_month(short_year(after[0]), month, near)
    return None


def _day_or_month(year: int, month: int, day: str) -> Period | None:
    found = day_of(year, month, int(day)) if day.isdecimal() and len(day) <= len("31") else None
    return found or month_of(year, month)


def _years(text: str) -> list[Period]:
    """Return every year in a cell that is about dates, such as “summer 2019”, “'19” and “FY2019”."""
    text = AMOUNT.sub(" ", text)
    if found := re.fullmatch(r"'(\d\d)", text):
        return [year_of(short_year(found[1]))]
    return [year_of(int(each)) for each in re.findall(r"(?<!\d)\d{4}(?!\d)", text) if is_year(each)]
