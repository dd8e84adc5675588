"""A rhythm occurs when its rule says, on the wall of its zone; what could run for ever is refused at once."""

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.scheduling.recurrence.expand_recurrence import Recurrence, occurrences
from newsletter.scheduling.recurrence.rrule import parse_rule
from tests.full import examples
from tests.scheduling.recurrence_strategies import all_zones, recurrences, rules
from tests.scheduling.utc_offsets import expected, stretches

LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


def recurrence(rule="FREQ=DAILY", **changes):
    values = {"zone": "Europe/London", "at": time(7, 30), "starts_on": date(2026, 11, 25)}
    return Recurrence(rule=rule, **(values | changes))


def local_times(of, count=5, after=LONG_AGO):
    return [f"{each.local_time:%Y-%m-%d %H:%M}" for each in islice(occurrences(of, after=after), count)]


def test_a_rhythm_occurs_on_its_days_from_its_first_day_on():
    assert local_times(recurrence("FREQ=WEEKLY;BYDAY=TU,TH"), 3) == [
        "2026-11-26 07:30",
        "2026-12-01 07:30",
        "2026-12-03 07:30",
    ]


def test_only_what_is_later_is_given():
    of = recurrence("FREQ=WEEKLY;BYDAY=TU,TH")
    at = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert local_times(of, 1, after=at) == ["2026-12-03 07:30"]
    assert local_times(of, 1, after=at - timedelta(microseconds=1)) == ["2026-12-01 07:30"]


def test_a_rhythm_ends_after_its_count_and_with_its_last_day():
    assert len(local_times(recurrence("FREQ=DAILY;COUNT=3"), 10)) == 3
    assert local_times(recurrence("FREQ=DAILY;UNTIL=20261126"), 10) == [
        "2026-11-25 07:30",
        "2026-11-26 07:30",
    ]
    assert len(local_times(recurrence("FREQ=DAILY;UNTIL=20261127T073000Z"), 10)) == 3
    assert len(local_times(recurrence("FREQ=DAILY;UNTIL=20261127T072959Z"), 10)) == 2


def test_a_day_that_a_zone_left_out_has_no_occurrence_of_its_own():
    samoa = recurrence(zone="Pacific/Apia", at=time(0), starts_on=date(2011, 12, 28))
    assert local_times(samoa, 3) == ["2011-12-28 00:00", "2011-12-29 00:00", "2011-12-31 00:00"]


@settings(max_examples=examples(60))
@given(recurrences(), all_zones)
def test_occurrences_are_the_rules_walls_in_order_and_never_two_at_once(some, zone):
    some = Recurrence(rule=some.rule, zone=zone, at=some.at, starts_on=max(some.starts_on, date(2012, 1, 2)))
    found = list(islice(occurrences(some, after=LONG_AGO), 30))
    assert all(one.at < other.at for one, other in pairwise(found))
    of = stretches(ZoneInfo(zone), found[0].at - timedelta(days=9), found[-1].at + timedelta(days=9))
    assert [each.at for each in found] == [expected(each.local_time, of) for each in found]


def first_days(rule, starts_on):
    """What dateutil makes of a rule's text, without its end."""
    endless = ";".join(part for part in rule.split(";") if not part.startswith(("COUNT", "UNTIL")))
    return list(islice(rrulestr(endless, dtstart=datetime.combine(starts_on, time(7, 30))), 20))


@given(rules(), st.dates(date(2000, 1, 1), date(2030, 12, 31)))
def test_a_rule_in_its_one_spelling_means_the_days_that_it_was_given(text, starts_on):
    try:
        canonical = str(parse_rule(text, starts_on=starts_on))
    except Invalid:
        return
    assert first_days(canonical, starts_on) == first_days(text, starts_on)
    assert str(parse_rule(canonical, starts_on=starts_on)) == canonical


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("FREQ=SECONDLY", "FREQ must be one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=HOURLY;BYHOUR=25", "You cannot use BYHOUR in this rule"),
        ("FREQ=YEARLY;BYEASTER=0", "You cannot use BYEASTER in a rule"),
        ("FREQ=DAILY;INTERVAL=99999999999999", "INTERVAL must be a whole number from 1 to 1,000"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be a whole number"),
        ("FREQ=DAILY;INTERVAL=" + "9" * 400, "INTERVAL must be a whole number"),
        ("FREQ=DAILY;COUNT=5;UNTIL=20271231", "COUNT or UNTIL in a rule, but not both"),
        ("FREQ=DAILY;UNTIL=20251231", "does not produce any dates in the 10 years"),
        ("FREQ=DAILY;UNTIL=20261331", "UNTIL must be the last day"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "Use FREQ=MONTHLY"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "does not produce any dates in the 10 years"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "does not produce any dates in the 10 years"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300", "does not produce any dates in the 10 years"),
        ("FREQ=MONTHLY;BYDAY=6MO", "before a day in BYDAY must be at most 5"),
        ("FREQ=YEARLY;BYDAY=60MO", "before a day in BYDAY must be at most 53"),
        ("FREQ=WEEKLY;BYDAY=1MO", "the days in BYDAY cannot have numbers"),
        ("FREQ=WEEKLY;BYDAY=XX", "“XX” is not a day"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY cannot be 0"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "not a number from 1 to 31"),
        ("FREQ=YEARLY;BYMONTH=-1", "not a number from 1 to 12"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ is in the rule twice"),
        ("FREQ=DAILY;COUNT", "“COUNT” cannot be part of a rule"),
        ("", "cannot be part of a rule"),
        ("FREQ=DAILY;" + "X" * 9999, "at most 500 characters"),
    ],
)
def test_a_rule_that_never_occurs_or_never_ends_is_refused_within_seconds(rule, sentence):
    started = stopwatch.process_time()
    with pytest.raises(Invalid, match=sentence):
        recurrence(rule)
    assert stopwatch.process_time() - started < 3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"zone": "Europe/Nowhere"}, "not an IANA time zone"),
        ({"zone": "../etc/passwd"}, "not an IANA time zone"),
        ({"at": time(7, 30, 15)}, "hours and minutes"),
        ({"starts_on": date(9999, 1, 1)}, "between 1970 and 2199"),
    ],
)
def test_what_is_no_rhythm_is_refused(changes, sentence):
    with pytest.raises(Invalid, match=sentence):
        recurrence(**changes)
