"""A wall time becomes the instant that was meant, or the question which of two was meant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.scheduling.recurrence.local_time import AmbiguousTime, to_local, to_utc, to_utc_exactly
from newsletter.scheduling.recurrence.parse_datetime import parse_moment
from tests.scheduling.utc_offsets import expected, stretches

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)
ODD = [
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "America/Nuuk",
    "Africa/Cairo",
    "Asia/Gaza",
]


def local_time(text):
    return datetime.fromisoformat(text)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_in_a_gap_it_is_the_first_minute_after():
    assert to_utc(local_time("2026-03-29 01:00"), LONDON) == utc(2026, 3, 29, 1, 0)
    assert to_utc(local_time("2026-03-29 01:59"), LONDON) == utc(2026, 3, 29, 1, 0)
    assert to_utc(local_time("2026-03-29 02:00"), LONDON) == utc(2026, 3, 29, 1, 0)


def test_of_two_it_is_the_first():
    assert to_utc(local_time("2026-10-25 01:30"), LONDON) == utc(2026, 10, 25, 0, 30)


@pytest.mark.parametrize("name", ODD)
def test_in_zones_with_odd_changes_it_is_what_a_walk_through_utc_finds(name):
    zone = ZoneInfo(name)
    of = stretches(zone, utc(2027, 1, 1), utc(2028, 1, 1))
    for change in of[1:]:
        for minutes in range(-180, 181, 7):
            shown = change.start.replace(tzinfo=None) + change.offset + timedelta(minutes=minutes)
            assert to_utc(shown, zone) == expected(shown, of)


@given(
    st.datetimes(local_time("1971-01-01 00:00"), local_time("2190-01-01 00:00")),
    st.sampled_from([LONDON, *map(ZoneInfo, ODD)]),
)
def test_a_time_that_comes_once_is_there_and_back_the_same(asked, zone):
    try:
        at = to_utc_exactly(asked, zone)
    except AmbiguousTime as unclear:
        earlier, later = (choice.at for choice in unclear.choices)
        assert earlier < later
        assert to_utc(asked, zone) in {earlier, later}
    else:
        assert at == to_utc(asked, zone)
        assert to_local(at, zone) == asked


def test_a_time_that_never_comes_is_refused_with_the_two_around_it():
    with pytest.raises(AmbiguousTime) as refused:
        to_utc_exactly(local_time("2026-03-29 01:30"), LONDON)
    assert str(refused.value) == (
        "01:30 does not exist on 29 March 2026 in Europe/London, because the clocks change from 01:00 to "
        "02:00. Enter 2026-03-29 00:59 or 2026-03-29 02:00."
    )


def test_a_time_that_comes_twice_is_refused_with_both_by_name():
    with pytest.raises(AmbiguousTime) as refused:
        to_utc_exactly(local_time("2026-10-25 01:30"), LONDON)
    assert str(refused.value) == (
        "01:30 happens twice on 25 October 2026 in Europe/London, because the clocks go back. Enter "
        "2026-10-25 01:30 BST or 2026-10-25 01:30 GMT."
    )


def test_where_the_zone_names_no_clocks_both_are_written_with_their_offsets():
    with pytest.raises(AmbiguousTime, match=r"Enter 2027-02-07T02:30\+01:00 or 2027-02-07T02:30\+00:00\."):
        to_utc_exactly(local_time("2027-02-07 02:30"), ZoneInfo("Africa/Casablanca"))


@pytest.mark.parametrize("name", [*ODD, "Europe/London", "America/New_York", "Europe/Dublin"])
def test_what_a_refusal_says_to_write_is_taken(name):
    zone, asked = ZoneInfo(name), 0
    for change in stretches(zone, utc(2027, 1, 1), utc(2028, 1, 1))[1:]:
        for offset in (change.offset, change.offset - HALF, change.offset - HOUR, change.offset + HOUR):
            shown = change.start.replace(tzinfo=None) + offset + timedelta(minutes=5)
            try:
                to_utc_exactly(shown, zone)
            except AmbiguousTime as unclear:
                asked += 1
                for choice, side in zip(unclear.choices, ("earlier", "later"), strict=True):
                    assert parse_moment(choice.written, zone, now=NOW) == choice.at
                    assert to_utc_exactly(shown, zone, choice=side) == choice.at
    assert asked >= 2
