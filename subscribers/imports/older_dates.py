"""Finds dates that show that a person’s details are older than somebody said, in columns that nobody has explained.

Services call the day on which a record was made by a hundred names. So each date counts that is before the law of the
charitable soft opt-in, unless its heading is about something else, such as a birthday, or a person says so.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from subscribers.errors import Invalid
from subscribers.imports.clean_cells import attributes_of
from subscribers.imports.column_aliases import plain_words, words_of
from subscribers.imports.column_mapping import Column
from subscribers.imports.csv_records import Cells
from subscribers.imports.parse_times import read_time
from subscribers.lawful_basis import CHARITABLE_SINCE
from subscribers.phrases import written_day

LONGEST = 40
FIRST_YEAR, LAST_YEAR = 1990, 2100
DAYS = 31
MOST_WORDS = 2
# What has a date of its own that says nothing about when somebody gave their details, unless the heading names both.
OTHER_THINGS = re.compile(
    r"birth(?!day party)|\bborn|\bdob\b|\bbday|geburt|geboren|naissance|nacimiento|nascita|nasciment|urodz|fodel|"
    r"geboorte|expir|renew|\buntil\b|\bdue\b|\bends?\b|deadline|ablauf|verlanger|wedding|founded|established|gegrundet"
)
JOINING = words_of("join joining joined since collected collection signup registered registration")
# Under such a heading, a year or another number alone is a date.
DATES = words_of(
    "date datum since seit created made added joined registered submitted signed collected given member supporter "
    "donor first start timestamp when year jahr"
)
MONTHS = words_of("jan feb mar apr may jun jul aug sep oct nov dec maj mai mei okt dez fev avr jui") | {
    "fév",
    "mär",
}
TIME = re.compile(r"[T ,]+\d{1,2}[:.]\d\d\b.*", re.DOTALL)
ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th|er)\b", re.IGNORECASE)
APOSTROPHE = re.compile(r"['’](?=\d\d\Z)")
SHORT_YEAR = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d\d)")
SHORT_YEAR_WITH_MONTH = re.compile(r"((?:\d{1,2})?[ .,/-]*([^\W\d]{3})[^\W\d]{0,6}[ .,/-]+)(\d\d)")
FIRST_SHORT_YEAR = 90
# The quarter, half or week of a year, such as Q1 2019, 2019-W10 and KW 10/2019.
PART = r"(?:[hq][1-4]|k?w ?\d{1,2})"
PART_OF_YEAR = re.compile(rf"{PART}[ ./-]*(\d{{4}})|(\d{{4}})[ ./-]*{PART}", re.IGNORECASE)
# A date in full beside another one, or among words.
FULL_DATE = re.compile(r"(?<!\d)(?:199|20\d)\d-[01]\d-[0-3]\d(?!\d)")
DAY_ZERO_OF_SPREADSHEETS = date(1899, 12, 30)
# Other signs, an amount such as 2019.50, and codes such as M1.
NOT_IN_DATES = re.compile(r"[^\w\s.,/:+-]|_|\A\d+[.,]\d\d\Z|[A-Za-z]\d|\d[A-Za-z]")


class OlderDates:
    """The columns of a file that were kept as details and could say when a record was made."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = [
            (column, _is_about_dates(column.heading))
            for column in columns
            # A date under a heading that means “yes” is the time at which the person agreed.
            if (column.target in {"confirmed", "subscribed"} or _is_unexplained(column))
            and not _is_about_other_things(column.heading)
        ]
        self._documents = [column for column in columns if column.target in {"json", "typed"}]

    def why_not(self, found: Cells) -> str:
        """Return why the dates of a row do not allow a charitable soft opt-in, or an empty string."""
        documents = list(self._documents)
        for column, is_about_dates in self._columns:
            cell = found[column.index].strip()
            if cell.startswith("{"):
                documents.append(column)
            elif cell and is_before(cell, CHARITABLE_SINCE, is_date=is_about_dates):
                return _sentence(column.title, cell)
        for column in documents:
            for name, text in _texts_in(found[column.index], column.title):
                is_about_dates = _is_about_dates(name)
                if not _is_about_other_things(name) and is_before(
                    text, CHARITABLE_SINCE, is_date=is_about_dates
                ):
                    return _sentence(f"“{name}” in {column.title}", text)
        return ""


def _is_unexplained(column: Column) -> bool:
    is_kept_or_lost = column.target.startswith("attribute:") or column.target == "ignore"
    return not column.is_understood and is_kept_or_lost


def _is_about_dates(heading: str) -> bool:
    return bool(words_of(plain_words(heading)) & DATES)


def _is_about_other_things(heading: str) -> bool:
    plain = plain_words(heading)
    return bool(OTHER_THINGS.search(plain)) and not words_of(plain) & JOINING


def _sentence(title: str, cell: str) -> str:
    return (
        f"{title} says “{cell[:LONGEST]}”, but a charitable soft opt-in only covers details collected since "
        f"{written_day(CHARITABLE_SINCE)}. If the column is about something else, ignore it"
    )


def _texts_in(cell: str, title: str) -> list[tuple[str, str]]:
    """Return the details in a cell that has a JSON object, by name. A cell that cannot be used is named elsewhere."""
    try:
        details = attributes_of(cell, title)
    except Invalid:
        return []
    return [(name, str(value).strip()) for name, value in details.items()]


def is_before(cell: str, day: date, *, is_date: bool = False) -> bool:
    """Return whether a cell is a date before a day, or could be one. `is_date` says that a year alone is a date."""
    if not any(map(str.isdecimal, cell)):
        return False
    if len(cell) <= LONGEST and (moment := read_time(cell)):
        return moment.year >= FIRST_YEAR and moment.date() < day
    full: list[str] = FULL_DATE.findall(cell)
    if full and not _is_about_other_things(cell):
        return min(full) < day.isoformat()
    text = APOSTROPHE.sub("", ORDINAL.sub("", TIME.sub("", cell)).strip())
    if len(cell) > LONGEST or (NOT_IN_DATES.search(text) and not PART_OF_YEAR.fullmatch(text)):
        return False
    if text.isdecimal():
        return _number_is_before(text, day, is_date=is_date)
    return _short_date_is_before(text, day, is_date=is_date) or _text_is_before(text, day)


def _number_is_before(text: str, day: date, *, is_date: bool) -> bool:
    if len(text) == len("20190301"):
        with suppress(ValueError):
            moment = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - only its date counts
            return moment.year >= FIRST_YEAR and moment.date() < day
    return is_date and _counted_day_is_before(text, day)


def _counted_day_is_before(text: str, day: date) -> bool:
    """Return whether a year, a day as spreadsheets count it, or a number of (milli)seconds is before a day."""
    match len(text):
        case 4:
            return _is_year(text) and int(text) < day.year
        case 5:
            found = DAY_ZERO_OF_SPREADSHEETS + timedelta(days=int(text))
        case 9 | 10:
            found = datetime.fromtimestamp(int(text), UTC).date()
        case 12 | 13:
            found = datetime.fromtimestamp(int(text) // 1000, UTC).date()
        case _:
            return False
    return found.year >= FIRST_YEAR and found < day


def _short_date_is_before(text: str, day: date, *, is_date: bool) -> bool:
    """Return whether a date with a year of two digits, or a quarter or a week, is before a day."""
    if part := PART_OF_YEAR.fullmatch(text):
        year = part[1] or part[2]
        return _is_year(year) and int(year) < day.year
    if short := SHORT_YEAR.fullmatch(text):
        others = [short[1], short[3]]
        return _are_day_and_month(others, is_named=False) and _full_year(short[4]) < day.year
    named = SHORT_YEAR_WITH_MONTH.fullmatch(text)
    if named is None or named[2].lower() not in MONTHS or not (is_date or named[1][0].isdecimal()):
        return False
    return _text_is_before(f"{named[1]}{_full_year(named[3])}", day)


def _full_year(short: str) -> int:
    return int(short) + (1900 if int(short) >= FIRST_SHORT_YEAR else 2000)


def _text_is_before(text: str, day: date) -> bool:
    """Return whether a year with a day and a month, in whichever language, is before a day."""
    numbers, words = re.findall(r"\d+", text), re.findall(r"[^\W\d]+", text)
    years = [number for number in numbers if _is_year(number)]
    others = [number for number in numbers if not _is_year(number)]
    is_month = len(words) == 1 and words[0][:3].lower() in MONTHS
    if len(years) != 1 or len(words) > MOST_WORDS or not (others or is_month):
        return False
    if not _are_day_and_month(others, is_named=bool(words)):
        return False
    year = int(years[0])
    if year != day.year:
        return year < day.year
    return any(_parsed(text, is_day_first=each, day=day) < day for each in (True, False))


def _parsed(text: str, *, is_day_first: bool, day: date) -> date:
    """Return the date that a text is, or `day` if we cannot read it."""
    # This takes longer to import than most commands to run.
    from dateutil import parser

    with suppress(ValueError, OverflowError):
        return parser.parse(text, dayfirst=is_day_first, default=datetime(day.year, 12, 31)).date()  # noqa: DTZ001 - only its date counts
    return day


def _is_year(number: str) -> bool:
    return len(number) == len("2019") and FIRST_YEAR <= int(number) <= LAST_YEAR


def _are_day_and_month(numbers: list[str], *, is_named: bool) -> bool:
    """Return whether numbers can be a day and a month in any order, a month alone, or a day beside a named month."""
    found = sorted(map(int, numbers))
    match found:
        case []:
            return True
        case [one]:
            return 1 <= one <= (DAYS if is_named else len(MONTHS))
        case [low, high]:
            return 1 <= low <= len(MONTHS) and high <= DAYS
        case _:
            return False
