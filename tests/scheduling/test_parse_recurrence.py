"""A rhythm is entered as a person says it, and said back so that reading it again gives the same rhythm."""

from datetime import UTC, date, datetime
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.scheduling.recurrence.describe_recurrence import describe_recurrence
from newsletter.scheduling.recurrence.expand_recurrence import occurrences
from newsletter.scheduling.recurrence.parse_recurrence import parse_recurrence
from tests.full import examples
from tests.scheduling.recurrence_strategies import recurrences

WEDNESDAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
WORDS = """
    every other second first last Monday Fridays weekday day week month year 15th 31st of the and on in January at 9
    from until 3 times
"""


def read(text):
    return parse_recurrence(text, zone="Europe/London", today=WEDNESDAY)


SAYINGS = [
    ("every Tuesday and Thursday at 07:30", "FREQ=WEEKLY;BYDAY=TU,TH", "every Tuesday and Thursday at 07:30"),
    ("Tuesdays & thurs, 7.30", "FREQ=WEEKLY;BYDAY=TU,TH", "every Tuesday and Thursday at 07:30"),
    ("every weekday at 6pm", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday at 18:00"),
    ("daily at 00:00", "FREQ=DAILY", "every day at 00:00"),
    ("every 3 days at 8:00", "FREQ=DAILY;INTERVAL=3", "every 3 days at 08:00 from 25 November 2026"),
    (
        "every second Friday at 9",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
        "every second Friday at 09:00 from 27 November 2026",
    ),
    (
        "every other week on Monday at 9:15 from 1 December 2026",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        "every second Monday at 09:15 from 7 December 2026",
    ),
    (
        "every 2 weeks on Monday and Friday at 9am",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
        "every second week on Monday and Friday at 09:00 from 27 November 2026",
    ),
    (
        "first Monday of the month at 10:00",
        "FREQ=MONTHLY;BYDAY=1MO",
        "on the first Monday of every month at 10:00",
    ),
    (
        "last Friday of every month at noon",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "on the last Friday of every month at 12:00",
    ),
    (
        "the first and third Tuesday of the month at 9:00",
        "FREQ=MONTHLY;BYDAY=1TU,3TU",
        "on the first Tuesday and the third Tuesday of every month at 09:00",
    ),
    (
        "last weekday of the month at 7:00",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "on the last weekday of every month at 07:00",
    ),
    (
        "on the 15th of every month at 6 pm",
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "on the 15th of every month at 18:00",
    ),
    (
        "1st and 15th of the month at 7:00",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "on the 1st and the 15th of every month at 07:00",
    ),
    (
        "every second month on the 15th at 8:00",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15",
        "on the 15th of every second month at 08:00 from 15 December 2026",
    ),
    (
        "last day of the month at midnight",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "on the last day of every month at 00:00",
    ),
    (
        "every quarter on the first Monday at 7:00",
        "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYDAY=1MO",
        "on the first Monday of January, April, July and October at 07:00",
    ),
    (
        "every quarter on the last weekday at 9:00",
        "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "on the last weekday of March, June, September and December at 09:00",
    ),
    (
        "last Friday of each quarter at 9:00",
        "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1FR",
        "on the last Friday of March, June, September and December at 09:00",
    ),
    (
        "quarterly on the last day at 9:00",
        "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1",
        "on the last day of March, June, September and December at 09:00",
    ),
    ("RRULE:FREQ=WEEKLY;BYDAY=SU;BYHOUR=16;BYMINUTE=5", "FREQ=WEEKLY;BYDAY=SU", "every Sunday at 16:05"),
    ("BYHOUR=6;BYDAY=MO;FREQ=WEEKLY;BYSECOND=0", "FREQ=WEEKLY;BYDAY=MO", "every Monday at 06:00"),
    (
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301T060000 at 06:00",
        "FREQ=WEEKLY;UNTIL=20270301;BYDAY=MO",
        "every Monday at 06:00 until 1 March 2027",
    ),
    (
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301T055900 at 06:00",
        "FREQ=WEEKLY;UNTIL=20270228;BYDAY=MO",
        "every Monday at 06:00 until 28 February 2027",
    ),
    (
        "every Monday of January at 8:00",
        "FREQ=MONTHLY;BYMONTH=1;BYDAY=MO",
        "on every Monday of January at 08:00",
    ),
    (
        "December 1 every year at 8:00",
        "FREQ=MONTHLY;BYMONTH=12;BYMONTHDAY=1",
        "on the 1st of December at 08:00",
    ),
    (
        "every second year on 1 December at 8:00",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=1",
        "on the 1st of December every second year at 08:00 from 1 December 2026",
    ),
    (
        "every Tuesday at 07:30, 10 times",
        "FREQ=WEEKLY;COUNT=10;BYDAY=TU",
        "every Tuesday at 07:30 from 25 November 2026, 10 times",
    ),
    (
        "every Tuesday at 07:30 from tomorrow until 1 March",
        "FREQ=WEEKLY;UNTIL=20270301;BYDAY=TU",
        "every Tuesday at 07:30 until 1 March 2027",
    ),
    ("FREQ=WEEKLY;BYDAY=TU,TH at 07:30", "FREQ=WEEKLY;BYDAY=TU,TH", "every Tuesday and Thursday at 07:30"),
    (
        "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13 at 7:00",
        "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
        "by the rule FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR at 07:00",
    ),
]


@pytest.mark.parametrize(("text", "rule", "said"), SAYINGS)
def test_what_a_person_says_is_a_rule_and_is_said_back(text, rule, said):
    recurrence = read(text)
    assert (recurrence.rule, describe_recurrence(recurrence)) == (rule, said)


def test_the_31st_is_the_last_day_of_shorter_months_and_the_phrase_says_so():
    recurrence = read("the 31st of every month at 7:30")
    assert describe_recurrence(recurrence) == "on the 31st of every month or its last day at 07:30"
    days = [f"{each.local_time:%d %b}" for each in islice(occurrences(recurrence, after=NOON), 4)]
    assert days == ["30 Nov", "31 Dec", "31 Jan", "28 Feb"]


def test_who_wants_only_the_months_that_have_the_day_says_so():
    recurrence = read("the 31st of every month where there is one at 7:30")
    assert describe_recurrence(recurrence) == "on the 31st of every month where there is one at 07:30"
    days = [f"{each.local_time:%d %b}" for each in islice(occurrences(recurrence, after=NOON), 3)]
    assert days == ["31 Dec", "31 Jan", "31 Mar"]


def test_a_month_that_always_has_the_day_needs_no_such_words():
    assert describe_recurrence(read("the 31st of January at 8:00")) == "on the 31st of January at 08:00"
    assert (
        describe_recurrence(read("29 February at 8:00")) == "on the 29th of February or its last day at 08:00"
    )


@settings(max_examples=examples(150))
@given(recurrences())
def test_what_is_said_of_a_rhythm_is_read_back_as_that_rhythm(recurrence):
    assert (
        parse_recurrence(describe_recurrence(recurrence), zone=recurrence.zone, today=recurrence.starts_on)
        == recurrence
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("every Tuesday", "does not include a time of day"),
        (
            "every blue moon at 8:00",
            (
                "We could not understand the word “blue” in the schedule. For example, enter “every Tuesday "
                "and "
                "Thursday at 07:30”"
            ),
        ),
        ("FREQ=DAILY;BYHOUR=6,18", "BYHOUR must be a single number from 0 to 23, not “6,18”"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR must be a single number from 0 to 23, not “24”"),
        ("FREQ=DAILY;BYMINUTE=30", "but not BYHOUR"),
        ("FREQ=DAILY;BYHOUR=6;BYSECOND=30", "a whole minute"),
        ("FREQ=DAILY;BYHOUR=6 at 7:00", "The rule gives the time 06:00, but you also entered 07:00"),
        (
            "first and last Monday of each quarter at 8:00",
            "You cannot combine the first and the last days of a quarter",
        ),
        ("every week at 8:00", "Add the day of the week"),
        ("every month at 8:00", "Enter either days of the month"),
        ("every month on Monday at 8:00", "Enter which weekday of the month you mean"),
        ("every year on the 1st at 8:00", "Add the month, such as “every year"),
        ("last Friday at 8:00", "Add the month, such as “last Friday"),
        (
            "15th and 31st of the month at 8:00",
            "Some months do not have all of these days. Add “where there is one”",
        ),
        ("every 0 days at 8:00", "Enter the interval as one number"),
        ("every 32nd at 8:00", "from the 1st to the 31st"),
        ("every Monday and second Friday at 8:00", "You cannot combine these days in one schedule"),
        ("every day on Monday at 8:00", "You cannot combine these days in one schedule"),
        ("Friday at 8:00 9:00", "We could not understand the word “9:00”"),
        ("every Friday at 25:00", "We could not read “25:00” as a time of day"),
        ("every Friday at 8:00 until 2020-01-01", "does not produce any dates in the 10 years"),
        ("FREQ=WEEKLY;BYDAY=TU", "does not include a time of day"),
        ("FREQ=WEEKLY at 8:00 on Friday", "If you enter a rule"),
        ("at 8:00", "Add the day of the week"),
        ("", "does not include a time of day"),
        ("every Friday at 8:00 " * 99, "at most 600 characters"),
    ],
)
def test_what_is_not_understood_is_refused_with_an_example(text, sentence):
    with pytest.raises(Invalid, match=sentence):
        read(text)


@settings(max_examples=examples(150))
@given(st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join) | st.text(max_size=40))
def test_whatever_words_come_together_make_a_rhythm_or_a_sentence(words):
    try:
        recurrence = read(f"{words} at 9:00")
    except Invalid:
        return
    assert next(occurrences(recurrence, after=datetime(1999, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("zone", ["europe/berlin", "EUROPE/BERLIN", "Europe/Berlin"])
def test_a_time_zone_is_known_in_any_capitals(zone):
    recurrence = parse_recurrence("every Friday at 9:00", zone=zone, today=WEDNESDAY)

    assert recurrence.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("last working day of every month at 9:00", "last weekday of every month at 9:00"),
        ("quarterly on the first business day at 9:00", "quarterly on the first weekday at 9:00"),
        ("every workday at 9:00", "every weekday at 9:00"),
        ("FREQ=WEEKLY; BYDAY=TU,TH; at 07:30", "FREQ=WEEKLY;BYDAY=TU,TH at 07:30"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU; BYHOUR=7;BYMINUTE=30;", "FREQ=WEEKLY;BYDAY=TU at 07:30"),
    ],
)
def test_another_spelling_means_the_same(text, like):
    assert read(text) == read(like)
