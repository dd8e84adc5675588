"""Reads dates in a text as people write them: in words or numbers, one day, several days, or from day to day."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from newsletter.preflight.dates.names import month_names, weekday_names
from newsletter.preflight.plain_letters import plain_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDate:
    """A date in a text, or several days written together: where it stands, and its first and last day.

    `weekdays` are those written beside a day. A year that is not written is the one nearest to a given day.
    """

    start: int
    end: int
    first: date
    last: date
    weekdays: Sequence[tuple[int, date]] = ()
    has_year: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """Days of one month as they are written. A number of two digits is a year of this century."""

    start: int
    end: int
    days: Sequence[int]
    month: int
    year: int | None
    # The number of each weekday, and the position among the days to which it belongs.
    weekdays: Sequence[tuple[int, int]]


# What joins two days of one month, or two dates. After “and” and a comma, there are several days.
_JOINED = (
    r"\s?(?:-|/|,|&|\+)\s?(?:and |und |et )?|\s(?:to|and|or|till|until|through|und|oder|bis(?: zum)?|et|"
    r"ou|au|a|ac|i|"
    r"neu|hyd|tan|y|o|e|al|hasta|en|t/m|الى|حتى)\s(?:le |the |den |dem |el |il |al )?|\sو\s?"
)
_ORDINAL = r"(?:st|nd|rd|th|er|eme|\.|º|ª|°|af|ail|il|ydd|fed|ed|eg|ain)?"
_ARTICLE = r"(?:the |den |dem |der |le |el |il |y |yr |du |am |on |de |ar )?"
_OF = r"(?:of |de |d'|o |del |من |شهر )?"
_YEAR = (
    r"(?:,?\s{{1,4}}(?:de |del |yn |in )?(?P<{name}>(?:19|20)\d\d)(?!\d)|\s'(?P<{name}_short>\d\d)(?!\d))?"
)
_TIME = (
    r"(?:,?\s?(?:at |um |a |ab |from |am |yn |الساعة )?\d{1,2}(?:[:.h]\d{0,2})?\s?(?:am|pm|noon|uhr|h|"
    r"heures|yb|yh)?\b,?)?"
)
# Without a year, two numbers are a date only after such a word or a weekday: “by 14/11”, “am 14.11.”.
_BEFORE_NUMBERS = re.compile(
    r"(?:\b(?:on|by|until|till|from|before|since|after|between|am|bis|bis zum|ab|ab dem|vom|zum|dem|den|"
    r"seit|vor dem|"
    r"le|du|au|avant le|jusqu'au|des le|ar|erbyn|tan|cyn|ers|el|hasta el|antes del|il|entro il|op|voor|"
    r"tot)|"
    r"(?<!\w)(?:في|قبل|حتى|من|منذ|يوم)|[:(])\s$"
)
_JOINS_DATES = re.compile(rf"{_TIME}(?:{_JOINED})(?:on |am |ar |في |يوم )?")
_RATHER_NO_DATES = frozenset({(24, 7), (7, 24), (9, 11)})
_LAST_DAY = re.compile(r"\b(?:by|until|till|before|bis|zum|avant le|au|erbyn|tan|cyn|حتى|قبل)\s$")
_DIGIT = re.compile(r"\d")
_MONTHS_A_YEAR = 12
_MOST_DAYS = 31
_A_LEAP_YEAR = 2028
_LONGEST_CUE = 20
_LONGEST_ABBREVIATION = 5


@lru_cache(maxsize=64)
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of dates in words and in numbers."""
    weekday = rf"(?:يوم\s)?(?<!\w){_any_of(weekday_names(language))}s?\b\.?"
    day = rf"(?:{weekday},?\s{{0,4}}[(]?{_ARTICLE})?\d{{1,2}}{_ORDINAL}(?![\d:])"
    days = rf"(?<![\d.,:/]){day}(?:(?:{_JOINED}){day}){{0,6}}"
    several = rf"(?:{weekday}(?:{_JOINED})){{0,4}}"
    month = rf"{_any_of(month_names(language))}\b\.?"
    after = rf"(?:\s?[(](?P<{{name}}>{weekday})[)])?"
    words = re.compile(
        rf"(?<!\bin )(?P<days>{several}{days})\s{{0,4}}{_OF}(?P<month>{month})(?:\s?/\s?{month})?"
        rf"{_YEAR.format(name='year')}{after.format(name='after')}|"
        rf"(?<!\bin )(?<!\bim )(?<!\ben "
        rf")(?P<before>(?:{weekday},?\s)?)(?P<first_month>{month})\s(?P<days_after>{days})"
        rf"(?!\s?(?:am|pm|uhr|%))\b{_YEAR.format(name='late_year')}"
    )
    numbers = re.compile(
        rf"(?P<iso>(?<!\d)(?:19|20)\d\d([-/])\d\d\2\d\d(?!\d))|"
        rf"(?P<weekday>(?:{weekday},?\s{{0,4}}{_ARTICLE})?)(?<![\d.,:/£$€])(?P<more>(?:\d{{1,2}}\.\s?[-/]\s?)?)"
        r"(?P<one>\d{1,2})(?P<sign>[./-])\s?(?P<other>\d{1,2})"
        r"(?:(?P=sign)\s?(?P<year>(?:19|20)\d\d|\d\d)(?![\d]|[.:]\d)|(?P<point>\.(?!\d))|(?![\d%]|"
        r"[./:-]\d|\s?(?:am|pm|uhr|km|kg)\b))"
    )
    return words, numbers


def read_dates(text: str, language: str, near: date) -> list[WrittenDate]:
    """Return the dates in a text, in order. A date without a year is the one nearest to the day `near`."""
    if not _DIGIT.search(text):
        return []
    plain = plain_letters(text)
    primary, _, region = language.partition("-")
    words, numbers = _patterns(primary.lower())
    found = [each for match in words.finditer(plain) for each in _in_words(match, primary.lower(), text)]
    taken = [(each.start, each.end) for each in found]
    for match in numbers.finditer(plain):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            found += _in_numbers(match, primary.lower(), is_month_first=region.upper() == "US")
    found.sort(key=lambda each: each.start)
    return list(_joined(plain, found, near))


def impossible_dates(text: str, language: str) -> list[str]:
    """Return the days that no month has, as they are written, such as “31 November”. The month must be in words."""
    if not _DIGIT.search(text):
        return []
    plain = plain_letters(text)
    primary = language.partition("-")[0].lower()
    words, _numbers = _patterns(primary)
    found = [each for match in words.finditer(plain) for each in _in_words(match, primary, text)]
    return [" ".join(text[each.start : each.end].split()) for each in found if _is_impossible(each)]


def _is_impossible(found: _Found) -> bool:
    # Without a year, 29 February can be that of a leap year. A higher number is not a day.
    year = found.year or _A_LEAP_YEAR
    return any(day <= _MOST_DAYS and _date(year, found.month, day) is None for day in found.days)


def _in_words(match: re.Match[str], language: str, text: str) -> Iterator[_Found]:
    name = (match["month"] or match["first_month"]).rstrip(".")
    month = month_names(language)[name]
    days = match["days"] or match["days_after"]
    numbers = [int(each) for each in re.findall(r"\d{1,2}", days)]
    # “On page 14 may be found” and “14 march past” are not dates.
    written = text[match.start("month") if match["month"] else match.start("first_month") :][:1]
    if name in {"may", "march", "mar"} and language == "en" and written.islower():
        return
    year = _year(match["year"] or match["late_year"] or match["year_short"] or match["late_year_short"])
    beside = f"{match['before'] or ''}{days}"
    weekdays = list(_beside_days(beside, language, len(numbers)))
    if match["after"] and not weekdays:
        weekdays = [(_weekday(match["after"], language), len(numbers) - 1)]
    # The point belongs to the sentence, unless the month is abbreviated.
    has_full_stop = match[0].endswith(".") and len(name) > _LONGEST_ABBREVIATION
    yield _Found(match.start(), match.end() - has_full_stop, numbers, month, year, weekdays)


def _in_numbers(match: re.Match[str], language: str, *, is_month_first: bool) -> Iterator[_Found]:
    if match["iso"]:
        year, month, day = (int(each) for each in re.findall(r"\d+", match["iso"]))
        yield _Found(match.start(), match.end(), [day], month, year, ())
        return
    one, other = int(match["one"]), int(match["other"])
    if not match["year"] and not _is_date_without_year(match, one, other):
        return
    day, month = (
        (other, one) if (is_month_first and one <= _MONTHS_A_YEAR) or other > _MONTHS_A_YEAR else (one, other)
    )
    days = [*(int(each) for each in re.findall(r"\d+", match["more"])), day]
    weekdays = list(_beside_days(match["weekday"], language, len(days)))
    yield _Found(match.start(), match.end(), days, month, _year(match["year"]), weekdays)


def _is_date_without_year(match: re.Match[str], one: int, other: int) -> bool:
    """Return whether two numbers are a day and a month, because of a weekday, a point or a word before them."""
    before = match.string[max(0, match.start() - _LONGEST_CUE) : match.start()]
    if match["sign"] == "-":
        return False
    if (one, other) in _RATHER_NO_DATES:
        # “Mo, 9.11.” is a date, but “Open on Monday, 24/7” is not.
        has_weekday_and_points = bool(match["weekday"]) and match["sign"] == "."
        return has_weekday_and_points or _LAST_DAY.search(before) is not None
    is_pointed = match["point"] is not None and match["sign"] == "."
    return bool(match["weekday"]) or is_pointed or _BEFORE_NUMBERS.search(before) is not None


def _year(digits: str | None) -> int | None:
    """Return a year. Two digits are one of this century."""
    if not digits:
        return None
    return int(digits) if len(digits) > len("26") else 2000 + int(digits)


def _beside_days(written: str, language: str, count: int) -> Iterator[tuple[int, int]]:
    """Yield the weekdays of “Friday 13 to Sunday 15” or “Fri and Sat, 13–14”, each with the position of its day."""
    names = list(re.finditer(_any_of(weekday_names(language)), written))
    starts = [found.start() for found in re.finditer(r"\d{1,2}", written)] or [len(written)]
    ahead = [found for found in names if found.start() < starts[0]]
    if len(ahead) == 1:
        yield weekday_names(language)[ahead[0][0]], 0
    elif len(ahead) == count:
        yield from ((weekday_names(language)[found[0]], at) for at, found in enumerate(ahead))
    for at, (one, other) in enumerate(pairwise(starts), start=1):
        for found in names:
            if one < found.start() < other:
                yield weekday_names(language)[found[0]], at


def _joined(plain: str, found: Sequence[_Found], near: date) -> Iterator[WrittenDate]:
    """Yield the dates, with those that are joined by a word such as “to” as one."""
    waiting: WrittenDate | None = None
    for position, each in enumerate(found):
        following = found[position + 1] if position + 1 < len(found) else None
        is_joined = following is not None and _JOINS_DATES.fullmatch(plain[each.end : following.start])
        year = each.year or (following.year if following and is_joined else None)
        read = _read(each, year, near)
        if read is None:
            if waiting:
                yield waiting
            waiting = None
            continue
        waiting = read if waiting is None else _from_one_to_another(waiting, read)
        if not is_joined:
            yield waiting
            waiting = None
    if waiting:
        yield waiting


def _from_one_to_another(one: WrittenDate, other: WrittenDate) -> WrittenDate:
    """Return two dates as one. In “28 December to 3 January 2027”, the first is of the year before."""
    first = one.first
    if first > other.last:
        first = (
            _date(other.last.year - (1 if one.first.month > other.last.month else 0), first.month, first.day)
            or first
        )
    return replace(
        other,
        start=one.start,
        first=min(first, other.last),
        weekdays=(*one.weekdays, *other.weekdays) if first == one.first else other.weekdays,
        has_year=one.has_year or other.has_year,
    )


def _read(found: _Found, year: int | None, near: date) -> WrittenDate | None:
    years = [year] if year else [near.year - 1, near.year, near.year + 1]
    lasts = [last for each in years if (last := _date(each, found.month, found.days[-1]))]
    last = min(lasts, key=lambda each: abs(each - near), default=None)
    if last is None:
        return None
    days = [_date(last.year, found.month, day) for day in found.days]
    weekdays = [(weekday, day) for weekday, at in found.weekdays if (day := days[at]) is not None]
    return WrittenDate(
        start=found.start,
        end=found.end,
        first=min(day for day in days if day is not None),
        last=max(day for day in days if day is not None),
        weekdays=tuple(weekdays),
        has_year=year is not None,
    )


def _weekday(written: str, language: str) -> int:
    names = weekday_names(language)
    found = re.search(_any_of(names), written)
    return names[found[0]] if found else 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _any_of(names: dict[str, int]) -> str:
    return f"(?:{'|'.join(sorted(names, key=len, reverse=True))})"
