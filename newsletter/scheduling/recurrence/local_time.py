"""Local times, which the clocks of a time zone show, and the times in UTC that they name.

When the clocks go forward, some local times are missing. When they go back, some come twice. For a recurring issue,
`to_utc` always chooses one. For a time that a person enters, `to_utc_exactly` raises AmbiguousTime with both.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from newsletter.errors import Invalid, Refused
from subscribers.phrases import written_day

MINUTE = timedelta(minutes=1)
FIRST_YEAR, LAST_YEAR = 1970, 2199

Side = Literal["", "earlier", "later"]


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """One of the two times that a person may have meant: what to write for it, and its time in UTC."""

    written: str
    at: datetime


class AmbiguousTime(Refused):
    """A local time that is missing or comes twice. `choices` are the earlier and the later time to use instead."""

    def __init__(self, sentence: str, choices: tuple[TimeChoice, TimeChoice]) -> None:
        super().__init__(sentence)
        self.choices = choices


def to_utc(local_time: datetime, zone: ZoneInfo) -> datetime:
    """Return when a clock in the zone shows this: the first of two times, or the first minute after a gap."""
    before, after = _offsets(local_time, zone)
    if before < after:
        return _end_of_gap(local_time, zone)
    return (local_time - before).replace(tzinfo=UTC)


def to_local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return what a clock in the zone shows at this time."""
    return at.astimezone(zone).replace(tzinfo=None)


def to_utc_exactly(local_time: datetime, zone: ZoneInfo, *, choice: Side = "") -> datetime:
    """Return when a clock in the zone shows this. Raises AmbiguousTime, with both choices, if it never or twice does.

    With `choice`, the earlier or the later of the two is returned instead.
    """
    if not FIRST_YEAR <= local_time.year <= LAST_YEAR:
        raise Invalid(f"Enter a year from {FIRST_YEAR} to {LAST_YEAR}.")
    before, after = _offsets(local_time, zone)
    if before == after:
        return (local_time - before).replace(tzinfo=UTC)
    unclear = _in_gap(local_time, zone) if before < after else _twice(local_time, zone)
    if not choice:
        raise unclear
    return unclear.choices[choice == "later"].at


def _offsets(local_time: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Return the offsets before and after a clock change around this local time (PEP 495). Mostly they are equal."""
    before = local_time.replace(tzinfo=zone, fold=0).utcoffset()
    after = local_time.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None
    assert after is not None
    return before, after


def _end_of_gap(local_time: datetime, zone: ZoneInfo) -> datetime:
    before, after = _offsets(local_time, zone)
    start = (local_time - after).replace(tzinfo=UTC)

    def is_past(second: int) -> bool:
        return to_local(start + timedelta(seconds=second), zone) > local_time

    seconds = int((after - before).total_seconds())
    return start + timedelta(seconds=bisect_left(range(seconds), x=True, key=is_past))


def _in_gap(local_time: datetime, zone: ZoneInfo) -> AmbiguousTime:
    end = _end_of_gap(local_time, zone)
    goes_to = to_local(end, zone)
    goes_from = to_local(end - MINUTE, zone) + MINUTE
    choices = tuple(TimeChoice(_minute(to_local(at, zone)), at) for at in (end - MINUTE, end))
    sentence = (
        f"{local_time:%H:%M} does not exist on {written_day(local_time)} in {zone.key}, because the "
        f"clocks change from {goes_from:%H:%M} to {goes_to:%H:%M}. Enter {choices[0].written} or "
        f"{choices[1].written}."
    )
    return AmbiguousTime(sentence, (choices[0], choices[1]))


def _twice(local_time: datetime, zone: ZoneInfo) -> AmbiguousTime:
    first, second = (local_time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    names = first.tzname() or "", second.tzname() or ""
    by_name = all(name.isalpha() for name in names) and names[0] != names[1]
    written = (
        [f"{_minute(local_time)} {name}" for name in names]
        if by_name
        else [each.isoformat(timespec="minutes") for each in (first, second)]
    )
    earlier, later = (
        TimeChoice(text, each.astimezone(UTC)) for text, each in zip(written, (first, second), strict=True)
    )
    sentence = (
        f"{local_time:%H:%M} happens twice on {written_day(local_time)} in {zone.key}, because the clocks "
        f"go back. Enter {earlier.written} or {later.written}."
    )
    return AmbiguousTime(sentence, (earlier, later))


def _minute(local_time: datetime) -> str:
    return f"{local_time:%Y-%m-%d %H:%M}"
