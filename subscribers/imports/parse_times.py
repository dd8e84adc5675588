"""Times as other services write them: ISO 8601, or day, month and year where they cannot be confused."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from subscribers.errors import Invalid
from subscribers.imports.status_at_other_service import NO_TIME

ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)? ?(Z|UTC|[+-]\d\d:?\d\d)?"
)
BY_YEAR = re.compile(r"\A(\d{4})[./](\d\d?)[./](\d\d?)(?=[T ]|\Z)")
BY_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,?[T ](\d\d?):(\d\d)(?::(\d\d))?)?")
MONTHS = 12
# When somebody joined: services write an unknown time as the year 1, and a local time without its zone may be so far
# ahead of UTC.
EARLIEST = 1900
ZONES_DIFFER = timedelta(hours=14)
# Go's Time.String(), which listmonk's export writes: `2024-05-01 10:20:30.5 +0530 IST`, or `… +0530 +0530`.
OFFSET_APART = re.compile(r" ([+-]\d\d:?\d\d)(?: (?:[A-Z]{2,5}|[+-]\d{2,4}))?\Z")


def read_time(text: str, *, day_first: bool | None = None) -> datetime | None:
    """Return the time in UTC, or None if the text is not a time or could be two. Without a zone, it is read as UTC.

    `day_first` says what comes first in a date that could be two.
    """
    text = BY_YEAR.sub(_with_hyphens, OFFSET_APART.sub(r"\1", text.strip()), count=1)
    try:
        if ISO.fullmatch(text):
            return _from_iso(text)
        if found := BY_DAY.fullmatch(text):
            return _from_day(found, day_first=day_first)
    except ValueError:
        return None
    return None


def time_of_joining(text: str, now: datetime, *, day_first: bool | None = None) -> datetime | None:
    """Return when somebody joined, or None if the cell says nothing. Raises Invalid if it cannot be used."""
    text = text.strip()
    if not text or NO_TIME.fullmatch(text):
        return None
    moment = read_time(text, day_first=day_first)
    if moment is None:
        if could_be_two(text):
            raise Invalid(f"“{text[:40]}” could be two dates. Say whether the day or the month comes first")
        raise Invalid(f"“{text[:40]}” is not a date that we can read. Enter a date such as 2026-01-31")
    if moment.year < EARLIEST:
        raise Invalid(f"“{text[:40]}” is too long ago to be correct")
    if moment > now + ZONES_DIFFER:
        raise Invalid(f"“{text[:40]}” is in the future")
    return min(moment, now)


def day_comes_first(texts: Iterable[str]) -> bool | None:
    """Return whether the day comes first in these dates, by those that can only be read one way, or None."""
    days = [(int(found[1]), int(found[3])) for text in texts if (found := BY_DAY.fullmatch(text.strip()))]
    by_day, by_month = any(day > MONTHS for day, _ in days), any(day > MONTHS for _, day in days)
    return None if by_day == by_month else by_day


def could_be_two(text: str) -> bool:
    """Whether it is a date that the reader must not guess: 03/04/2025 is March in New York and April in London."""
    found = BY_DAY.fullmatch(text.strip())
    return found is not None and _is_ambiguous(found)


def _is_ambiguous(found: re.Match[str]) -> bool:
    first, second = int(found[1]), int(found[3])
    return found[2] == "/" and first <= MONTHS and second <= MONTHS and first != second


def _with_hyphens(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def _from_iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(",", "."))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_day(found: re.Match[str], *, day_first: bool | None) -> datetime | None:
    first, second = int(found[1]), int(found[3])
    if _is_ambiguous(found) and day_first is None:
        return None
    is_month_first = second > MONTHS or (first <= MONTHS and day_first is False and found[2] != ".")
    day, month = (second, first) if is_month_first else (first, second)
    hour, minute, seconds = (int(part or 0) for part in found.groups()[4:7])
    return datetime(int(found[4]), month, day, hour, minute, seconds, tzinfo=UTC)
