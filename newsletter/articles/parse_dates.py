"""Dates in every manner that feeds and pages write them; what cannot be read is None, never a guess at random.

Where only numbers are given, dots mean day first (23.9.2025). With slashes or hyphens the caller knows which comes
first, or one of the numbers shows it; otherwise 03/11/2026 is not read.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsletter.articles.month_names import MONTHS

EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
LONGEST = 120

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?\Z",
    re.IGNORECASE,
)
_RFC = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[\s-]([A-Za-z]{3})[a-z]*\.?,?[\s-](\d{4}|\d{2})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?:\s+(GMT|UT|UTC|Z|[+-]\d{4}))?\Z"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?\Z")
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_EAST_ASIAN_TIME = re.compile(r"(\d{1,2})\s*[時时点點시]\s*(?:(\d{1,2})\s*[分분]?)?")
_EAST_ASIAN_HALF = re.compile(r"(오후|午後|下午|晚上|PM(?=\s*\d{1,2}:))|오전|午前|上午|AM(?=\s*\d{1,2}:)")
_CROATIAN_OCTOBER = re.compile(r"\blistopada?\b", re.IGNORECASE)
_SINCE_EPOCH = re.compile(r"(\d{10})(?:\d{3}|\.\d+)?\Z")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})\s*[:h]\s*(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?\s?m\b\.?)?", re.IGNORECASE
)
_OFFSET = re.compile(
    r"(?:GMT|UTC|UT)?\s*([+\u2212-])(\d{1,2}):?(\d{2})?(?!\d)\s*(?:\([\w ]*\))?\Z", re.IGNORECASE
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{1,4})(?!\d)")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")

_OFFSETS = """
    z 0 ut 0 utc 0 gmt 0 wet 0 west 1 bst 1 cet 1 cest 2 mez 1 mesz 2 met 1 mest 2 eet 2 eest 3 msk 3 trt 3 gst 4 pkt 5
    ist 5.5 npt 5.75 wib 7 ict 7 sgt 8 hkt 8 pht 8 awst 8 jst 9 kst 9 acst 9.5 aest 10 acdt 10.5 aedt 11 nzst 12 nzdt 13
    sast 2 cat 2 eat 3 wat 1 nst -3.5 ndt -2.5 ast -4 adt -3 brt -3 art -3 clt -4 est -5 edt -4 cst -6 cdt -5 mst -7
    mdt -6 pst -8 pdt -7 akst -9 akdt -8 hst -10
"""
_HOURS = dict(zip(_OFFSETS.split()[::2], map(float, _OFFSETS.split()[1::2]), strict=True))
_PLACES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}
_IANA = re.compile(
    r"\b(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|US|Etc|Canada)/[\w+/-]+"
)
_WORDED_ZONES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "central european": "Europe/Berlin",
    "eastern european": "Europe/Helsinki",
    "western european": "Europe/Lisbon",
    "w. europe": "Europe/Berlin",
    "romance": "Europe/Paris",
    "gmt": "Europe/London",
    "british": "Europe/London",
    "greenwich mean": "UTC",
    "coordinated universal": "UTC",
    "india": "Asia/Kolkata",
    "china": "Asia/Shanghai",
    "japan": "Asia/Tokyo",
    "aus eastern": "Australia/Sydney",
    "australian eastern": "Australia/Sydney",
    "new zealand": "Pacific/Auckland",
    "moscow": "Europe/Moscow",
}
_WORDED = "|".join(sorted(map(re.escape, _WORDED_ZONES), key=len, reverse=True))
_IN_WORDS = re.compile(rf"\b({_WORDED})\s+(?:(?:standard|daylight|summer)\s+)?time\b", re.IGNORECASE)
# Capitals straight after the time are a zone.
_ABBREVIATION = re.compile(r"([A-Z]{2,5})\b")
_WEEKDAYS = frozenset({"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", "UHR"})
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]\s*\d{2,4}(?!\d)")
_MONTH_FIRST_REGIONS = frozenset({"us", "pr", "ph", "gu", "vi", "as", "mp", "um"})
_NOON = 12
_MIDNIGHT = 24
_TWO_DIGITS = 100
_PIVOT = 69
_LARGEST_OFFSET = 14


def parse_date(
    text: str, *, zone: tzinfo = UTC, day_first: bool | None = None, language: str = ""
) -> datetime | None:
    """Return the moment that a text names, in UTC; a time without a zone is taken to be in `zone`.

    `day_first` says how 03/11/2026 is meant; `language` tells October in Croatian from November in Polish.
    None: a date that may mean either is not read. Nor is one in a zone that we do not know.
    """
    text = text.strip()[:LONGEST]
    if not text:
        return None
    if language[:2].lower() in {"hr", "bs"}:
        text = _CROATIAN_OCTOBER.sub("oct", text)
    try:
        found = _well_known(text, zone) or _described(text, zone, day_first=day_first)
        moment = found.astimezone(UTC) if found else None
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return None
    return moment if moment and moment > EARLIEST else None


def is_day_first(texts: Iterable[str], language: str) -> bool | None:
    """Tell whether dates such as 03/11/2026 begin with the day: as others of the same document show, or its language.

    None if neither tells. https://cldr.unicode.org/translation/date-time/date-time-patterns
    """
    for text in texts:
        found = _SLASHED.search(text[:LONGEST])
        if found and max(int(found[1]), int(found[2])) > _NOON:
            return int(found[1]) > _NOON
    tag, _, region = language.replace("_", "-").lower().partition("-")
    region = region.rpartition("-")[2]
    if region in _MONTH_FIRST_REGIONS:
        return False
    if not tag or (tag == "en" and region in {"", "ca"}):
        return None
    return True


def in_utc(moment: datetime) -> datetime | None:
    """A moment in UTC, with a naive one taken as UTC; None for the nonsense that programs write for "no date"."""
    try:
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return aware if aware > EARLIEST else None


def _well_known(text: str, zone: tzinfo) -> datetime | None:
    if found := _RFC.match(text):
        day, name, year, hour, minute, second, offset = found.groups()
        month = MONTHS.get(name.lower())
        date = (_century(year), month, int(day)) if month else None
        return _moment(date, (hour, minute, second), _zone(offset, zone)) if date else None
    if found := _ISO.match(text) or _COMPACT.match(text):
        years, months, days, hour, minute, second, offset = found.groups()
        date = (int(years), int(months), int(days or 1))
        return _moment(date, (hour, minute, second), _zone(offset, zone))
    if found := _SINCE_EPOCH.match(text):
        return datetime.fromtimestamp(int(found[1]), UTC)
    return None


def _described(text: str, zone: tzinfo, *, day_first: bool | None) -> datetime | None:
    """A date in words or in another order, with its time and zone wherever they stand."""
    text = _EAST_ASIAN_TIME.sub(lambda found: f"{found[1]}:{int(found[2] or 0):02}", text)
    time = _TIME.search(text)
    clock = _clock(time)
    half = _EAST_ASIAN_HALF.search(text)
    if half and clock[0] and int(clock[0]) <= _NOON:
        clock = (str(int(clock[0]) % _NOON + (_NOON if half[1] else 0)), *clock[1:])
    behind = text[time.end() :] if time else text
    dated = text[: time.start()] + " " + behind if time else text
    zone = _named_zone(behind.strip(), zone) if time else zone
    date = _numeric_date(dated, day_first=day_first) or _worded_date(dated)
    return _moment(date, clock, zone) if date else None


def _clock(found: re.Match[str] | None) -> tuple[str | None, ...]:
    if not found:
        return (None, None, None)
    hour = int(found[1])
    if found[4]:
        hour = hour % _NOON + (_NOON if found[4].lower().startswith("p") else 0)
    return (str(hour), found[2], found[3])


def _numeric_date(text: str, *, day_first: bool | None) -> tuple[int, int, int] | None:
    if found := _EAST_ASIAN.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    found = _NUMERIC.search(text)
    if not found:
        return None
    first, separator, second = int(found[1]), found[2], int(found[3])
    if len(found[1]) == len("2025"):
        return first, second, int(found[4])
    year = _century(found[4])
    if separator == "." or first > _NOON or first == second:
        day_first = True
    elif second > _NOON:
        day_first = False
    if day_first is None:
        raise ValueError("the day and the month could be the other way round")
    return (year, second, first) if day_first else (year, first, second)


def _worded_date(text: str) -> tuple[int, int, int] | None:
    words = [_bare(word) for word in _WORD.findall(text)]
    months = [MONTHS[word] for word in words if word in MONTHS]
    numbers = _NUMBER.findall(text)
    if not months or not numbers:
        return None
    years = [number for number in numbers if len(number) == len("2025")]
    days = [number for number in numbers if len(number) < len("2025")]
    if years:
        return int(years[0]), months[-1], int(days[0]) if days else 1
    return (_century(days[1]), months[-1], int(days[0])) if len(days) > 1 else None


def _named_zone(text: str, zone: tzinfo) -> tzinfo:
    if found := _OFFSET.search(text):
        return _zone(f"{'+' if found[1] == '+' else '-'}{found[2]:0>2}{found[3] or '00'}", zone)
    if named := _IANA.search(text):
        return ZoneInfo(named[0])  # raises for an unknown one, so the date is not read
    if found := _IN_WORDS.search(text):
        return ZoneInfo(_WORDED_ZONES[found[1].lower()])
    for word in _WORD.findall(text.lower()):
        if word in _HOURS:
            return timezone(timedelta(hours=_HOURS[word]))
        if word in _PLACES:
            return ZoneInfo(_PLACES[word])
    unknown = _ABBREVIATION.match(text)
    if unknown and _bare(unknown[1]) not in MONTHS and unknown[1] not in _WEEKDAYS:
        raise ValueError("the time zone is unknown")
    return zone


def _zone(offset: str | None, fallback: tzinfo) -> tzinfo:
    if not offset:
        return fallback
    if offset[0] not in "+-":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > _LARGEST_OFFSET or minutes >= 60:  # noqa: PLR2004 - minutes of an hour
        return fallback
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if offset[0] == "-" else away)


def _moment(date: tuple[int, int, int], clock: tuple[str | None, ...], zone: tzinfo) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock)
    later = timedelta(days=1) if hour == _MIDNIGHT else timedelta()
    return datetime(*date, hour % _MIDNIGHT, minute, min(second, 59), tzinfo=zone) + later


def _century(written: str) -> int:
    """The year of two digits, or of more: the year 0001 is what programs write for "no date", and not 2001."""
    year = int(written)
    if len(written) > 2 or year >= _TWO_DIGITS:  # noqa: PLR2004 - two digits
        return year
    return year + (2000 if year < _PIVOT else 1900)


def _bare(word: str) -> str:
    return "".join(
        email for email in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(email)
    )
