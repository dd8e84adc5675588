"""Wall time, which the clock on a wall in a zone shows, and the instant in UTC that it names.

Where the clock goes forward some walls never come; where it goes back some come twice. For a series `instant_of`
always has an answer; for one time that a person asks for, `exact_instant` asks back.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from newsletter.errors import Invalid, Refused
from subscribers.text import written_day

MINUTE = timedelta(minutes=1)
FIRST_YEAR, LAST_YEAR = 1970, 2199

Side = Literal["", "earlier", "later"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the two times that a person may have meant: what to write for it, and when it is."""

    written: str
    at: datetime


class Unclear(Refused):
    """A wall time that never comes or comes twice; `choices` are the earlier and the later instead."""

    def __init__(self, sentence: str, choices: tuple[Choice, Choice]) -> None:
        super().__init__(sentence)
        self.choices = choices


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When a clock in the zone shows this: the first time if it does so twice, the first minute after a gap."""
    before, after = _offsets(wall, zone)
    if before < after:
        return _end_of_gap(wall, zone)
    return (wall - before).replace(tzinfo=UTC)


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """What a clock in the zone shows at this instant, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None)


def exact_instant(wall: datetime, zone: ZoneInfo, *, choice: Side = "") -> datetime:
    """When a clock in the zone shows this. Raises Unclear, with both choices, if that is never or twice.

    `choice` takes the earlier or the later of the two instead.
    """
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise Invalid(f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.")
    before, after = _offsets(wall, zone)
    if before == after:
        return (wall - before).replace(tzinfo=UTC)
    unclear = _in_gap(wall, zone) if before < after else _twice(wall, zone)
    if not choice:
        raise unclear
    return unclear.choices[choice == "later"].at


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """The offsets before and after a change of the clock around this wall (PEP 495); mostly they are one."""
    before = wall.replace(tzinfo=zone, fold=0).utcoffset()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None
    assert after is not None
    return before, after


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    before, after = _offsets(wall, zone)
    start = (wall - after).replace(tzinfo=UTC)

    def is_past(second: int) -> bool:
        return wall_of(start + timedelta(seconds=second), zone) > wall

    seconds = int((after - before).total_seconds())
    return start + timedelta(seconds=bisect_left(range(seconds), x=True, key=is_past))


def _in_gap(wall: datetime, zone: ZoneInfo) -> Unclear:
    end = _end_of_gap(wall, zone)
    goes_to = wall_of(end, zone)
    goes_from = wall_of(end - MINUTE, zone) + MINUTE
    choices = tuple(Choice(_minute(wall_of(at, zone)), at) for at in (end - MINUTE, end))
    sentence = (
        f"{written_day(wall)} has no {wall:%H:%M} in {zone.key}: the clock goes from {goes_from:%H:%M} to "
        f"{goes_to:%H:%M}. Write {choices[0].written} or {choices[1].written}."
    )
    return Unclear(sentence, (choices[0], choices[1]))


def _twice(wall: datetime, zone: ZoneInfo) -> Unclear:
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    names = first.tzname() or "", second.tzname() or ""
    by_name = all(name.isalpha() for name in names) and names[0] != names[1]
    written = (
        [f"{_minute(wall)} {name}" for name in names]
        if by_name
        else [each.isoformat(timespec="minutes") for each in (first, second)]
    )
    earlier, later = (
        Choice(text, each.astimezone(UTC)) for text, each in zip(written, (first, second), strict=True)
    )
    sentence = (
        f"{written_day(wall)} has {wall:%H:%M} twice in {zone.key}. "
        f"Write {earlier.written} or {later.written}."
    )
    return Unclear(sentence, (earlier, later))


def _minute(wall: datetime) -> str:
    return f"{wall:%Y-%m-%d %H:%M}"
