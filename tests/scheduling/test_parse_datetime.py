"""People write times in many ways, and each is the instant that they meant or a sentence."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import NewsletterError
from newsletter.scheduling.recurrence.local_time import AmbiguousTime
from newsletter.scheduling.recurrence.parse_datetime import (
    UnclearTime,
    parse_day,
    parse_moment,
    parse_time_of_day,
)

LONDON = ZoneInfo("Europe/London")
WEDNESDAY_NOON = datetime(2026, 7, 1, 11, tzinfo=UTC)


def read(text, zone=LONDON):
    return f"{parse_moment(text, zone, now=WEDNESDAY_NOON):%Y-%m-%d %H:%M}"


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
        ("next Tuesday 07:30", "2026-07-07 06:30"),
        ("next Wednesday 18:00", "2026-07-08 17:00"),
        ("on next Wednesday 18:00", "2026-07-08 17:00"),
        ("25/12/2026 9am", "2026-12-25 09:00"),
        ("12/25/2026 9am", "2026-12-25 09:00"),
        ("5/5/2027 9am", "2027-05-05 08:00"),
        ("30.6. 9am", "2027-06-30 08:00"),
        ("in 1 minute", "2026-07-01 11:01"),
        ("In 90 minutes", "2026-07-01 12:30"),
        ("in 2 hours", "2026-07-01 13:00"),
        ("in an hour", "2026-07-01 12:00"),
        ("in half an hour", "2026-07-01 11:30"),
        ("in 3 days", "2026-07-04 11:00"),
        ("in a week", "2026-07-08 11:00"),
        ("in 5 min from now", "2026-07-01 11:05"),
    ],
)
def test_what_people_write_is_read(text, in_utc):
    assert read(text) == in_utc


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "We could not read “” as a date and time. Try “tomorrow 07:30”."),
        ("soonish", "We could not read “soonish” as a date and time. Try “tomorrow 07:30”."),
        ("07:30", "“07:30” does not include a day. Try “tomorrow 07:30”."),
        ("9.30", "“9.30” does not include a day"),
        ("Tomorrow", "“Tomorrow” does not include a time of day. Try “Tomorrow 07:30”."),
        ("next Tuesday", "“next Tuesday” does not include a time of day. Try “next Tuesday 07:30”."),
        ("2026-12-01", "“2026-12-01” does not include a time of day. Try “2026-12-01 07:30”."),
        ("2026-12-01 9", "We could not read “2026-12-01 9” as a date and time"),
        ("some day 07:30", "We could not read “some day” as a day. Try “1 December” or “2026-12-01”."),
        ("in 90 seconds", "We could not read “in 90 seconds” as a date and time"),
        ("in 99999 weeks", "“in 99999 weeks” is too far in the future. Choose a time up to the year 2199."),
        (
            "1/12/2026 9am",
            (
                "“1/12/2026” can mean 1 December 2026 or 12 January 2026. Enter “2026-12-01” or "
                "“2026-01-12” instead."
            ),
        ),
        ("1.12. 9am", "“1.12.” can mean 1 December 2026 or 12 January 2027"),
        ("25/12/26 9am", "“25/12/26” can mean 25 December 2026. Enter “2026-12-25” instead."),
        ("31/31/2026 9am", "“31/31/2026” is not a real date"),
        ("25/12/9999 9am", "Enter a year from 1970 to 2199, not 9999"),
        ("2026-02-30 07:30", "2026-02-30 is not a real date"),
        ("31 June 07:30", "2026-06-31 is not a real date"),
        ("2026-12-01 25:00", "We could not read “25:00” as a time of day. Try “07:30” or “6pm”."),
        ("2026-12-01 13pm", "We could not read “13pm” as a time of day"),
        ("9999-12-31 07:30", "Enter a year from 1970 to 2199, not 9999"),
        ("2026-12-01 07:30 BST", "2026-12-01 07:30 is not BST in Europe/London"),
        ("2026-12-01 07:30 +99:00", "is not a UTC offset"),
        ("2026-12-01 " + "0" * 5000, "We could not read “2026-12-01 0000"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text, sentence):
    with pytest.raises(NewsletterError, match=re.escape(sentence)):
        read(text)


def test_a_span_of_minutes_is_never_shorter_than_it_says():
    now = datetime(2026, 7, 1, 11, 0, 30, tzinfo=UTC)
    assert parse_moment("in 1 minute", LONDON, now=now) == datetime(2026, 7, 1, 11, 2, tzinfo=UTC)


def test_days_keep_the_time_of_the_clock_and_hours_are_hours_when_the_clocks_change():
    now = datetime(2026, 10, 24, 11, tzinfo=UTC)  # noon in London; at night its clocks go back
    assert parse_moment("in 1 day", LONDON, now=now) == datetime(2026, 10, 25, 12, tzinfo=UTC)
    assert parse_moment("in 24 hours", LONDON, now=now) == datetime(2026, 10, 25, 11, tzinfo=UTC)


def test_a_span_to_a_time_that_comes_twice_asks_which():
    now = datetime(2026, 10, 24, 0, 30, tzinfo=UTC)
    with pytest.raises(AmbiguousTime):
        parse_moment("in 1 day", LONDON, now=now)
    assert parse_moment("in 1 day", LONDON, now=now, choice="later") == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


@given(st.text(alphabet="0123456789 :-+TZapm.,/tomorwfidyDecnhus", max_size=30) | st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused(text):
    for reader in (parse_time_of_day, lambda text: parse_day(text, today=date(2026, 7, 1)), read):
        with suppress(NewsletterError):
            reader(text)


def test_a_time_of_day_is_read_by_either_clock():
    written = ["07:30", "7.30", "7:30am", "9", "12am", "12 pm", "noon", "midnight", "11:59 p.m."]
    assert [parse_time_of_day(text) for text in written] == [
        time(7, 30), time(7, 30), time(7, 30), time(9), time(0), time(12), time(12), time(0), time(23, 59),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("tomorrow", ("tomorrow 07:30", "tomorrow 09:00", "tomorrow 12:00", "tomorrow 17:00")),
        ("Today", ("today 17:00",)),
        (
            "next  Tuesday",
            ("next tuesday 07:30", "next tuesday 09:00", "next tuesday 12:00", "next tuesday 17:00"),
        ),
        ("1/12/2026 9am", ("2026-12-01 09:00",)),
        ("1/12/2027 9am", ("2027-12-01 09:00", "2027-01-12 09:00")),
        (
            "5/8",
            tuple(
                f"{day} {at}"
                for day in ("2026-08-05", "2027-05-08")
                for at in ("07:30", "09:00", "12:00", "17:00")
            ),
        ),
        ("1 May 2026", ()),
    ],
)
def test_a_time_that_is_not_clear_is_asked_back_with_what_may_be_meant_and_is_to_come(text, choices):
    with pytest.raises(UnclearTime) as found:
        read(text)
    assert found.value.choices == choices
    for choice in choices:
        assert parse_moment(choice, LONDON, now=WEDNESDAY_NOON) > WEDNESDAY_NOON
