"""People write times in many ways, and each is the instant that they meant or a sentence."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import PressError
from newsletter.scheduling.written_times import read_clock, read_day, read_moment

LONDON = ZoneInfo("Europe/London")
WEDNESDAY_NOON = datetime(2026, 7, 1, 11, tzinfo=UTC)


def read(text, zone=LONDON):
    return f"{read_moment(text, zone, now=WEDNESDAY_NOON):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("2026-12-01 07:30", "2026-12-01 07:30"),
        ("2026-07-02T07:30", "2026-07-02 06:30"),
        ("2026-07-02T07:30:00", "2026-07-02 06:30"),
        ("2026-07-02T07:30:00.000+02:00", "2026-07-02 05:30"),
        ("2026-07-02 07:30Z", "2026-07-02 07:30"),
        ("2026-07-02 07:30 UTC", "2026-07-02 07:30"),
        ("2026-07-02 07:30 GMT", "2026-07-02 07:30"),
        ("2026-07-02 07:30 BST", "2026-07-02 06:30"),
        ("2026-07-02 07:30 -0330", "2026-07-02 11:00"),
        ("today at 6pm", "2026-07-01 17:00"),
        ("tomorrow 07:30", "2026-07-02 06:30"),
        ("Tomorrow, 7.30 a.m.", "2026-07-02 06:30"),
        ("Friday 07:30", "2026-07-03 06:30"),
        ("next fri noon", "2026-07-03 11:00"),
        ("Wednesday 18:00", "2026-07-01 17:00"),
        ("Wednesday 07:30", "2026-07-08 06:30"),
        ("1 December at 07:30", "2026-12-01 07:30"),
        ("1 May at 07:30", "2027-05-01 06:30"),
        ("Dec 24th, 2026 midnight", "2026-12-24 00:00"),
    ],
)
def test_what_people_write_is_read(text, in_utc):
    assert read(text) == in_utc


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no time that the press can read"),
        ("07:30", "Write it like 2026-12-01 07:30"),
        ("2026-12-01", "no time that the press can read"),
        ("2026-12-01 9", "no time that the press can read"),
        ("some day 07:30", "“some day” is no day"),
        ("2026-02-30 07:30", "The calendar has no 2026-02-30"),
        ("31 June 07:30", "The calendar has no 2026-06-31"),
        ("2026-12-01 25:00", "“25:00” is no time of day"),
        ("2026-12-01 13pm", "“13pm” is no time of day"),
        ("9999-12-31 07:30", "Write a year from 1970 to 2199, not 9999"),
        ("2026-12-01 07:30 BST", "2026-12-01 07:30 is not BST in Europe/London"),
        ("2026-12-01 07:30 +99:00", "is no offset from UTC"),
        ("2026-12-01 " + "0" * 5000, "no time that the press can read"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text, sentence):
    with pytest.raises(PressError, match=sentence):
        read(text)


@given(st.text(alphabet="0123456789 :-+TZapm.,tomorwfidyDec", max_size=30) | st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused(text):
    for reader in (read_clock, lambda text: read_day(text, today=date(2026, 7, 1)), read):
        with suppress(PressError):
            reader(text)


def test_a_time_of_day_is_read_by_either_clock():
    written = ["07:30", "7.30", "7:30am", "9", "12am", "12 pm", "noon", "midnight", "11:59 p.m."]
    assert [read_clock(text) for text in written] == [
        time(7, 30), time(7, 30), time(7, 30), time(9), time(0), time(12), time(12), time(0), time(23, 59),
    ]  # fmt: skip
