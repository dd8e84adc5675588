"""Working days and deadlines over Christmas, New Year and Easter, in each part of the United Kingdom."""

from datetime import UTC, date, datetime

import pytest

from newsletter.feedback.case_deadlines import deadlines
from newsletter.feedback.models import ReaderCase
from newsletter.feedback.working_days import (
    is_working_day,
    last_working_day_by,
    working_day_after,
    working_days_between,
)
from newsletter.issues.models import Nation, Publication

ENGLAND, WALES, SCOTLAND, NI = Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
QUESTION, COMPLAINT = ReaderCase.Kind.QUESTION, ReaderCase.Kind.COMPLAINT


@pytest.mark.parametrize(
    ("day", "working"),
    [
        # Good Friday is a holiday everywhere, and Easter Monday everywhere but in Scotland.
        (date(2027, 3, 26), ""),
        (date(2027, 3, 29), "scotland"),
        # 2 January belongs to Scotland alone. In 2028 it is a Sunday, so Tuesday 4 January stands in for it.
        (date(2029, 1, 2), "england wales northern-ireland"),
        (date(2028, 1, 3), ""),
        (date(2028, 1, 4), "england wales northern-ireland"),
        # Saint Patrick, the Battle of the Boyne, Saint Andrew. Saint David is no holiday.
        (date(2027, 3, 17), "england wales scotland"),
        (date(2027, 7, 12), "england wales scotland"),
        (date(2027, 11, 30), "england wales northern-ireland"),
        (date(2027, 3, 1), "england wales scotland northern-ireland"),
        # The summer holiday is at the beginning of August in Scotland, and at its end elsewhere.
        (date(2027, 8, 2), "england wales northern-ireland"),
        (date(2027, 8, 30), "scotland"),
        # Christmas Day 2027 is a Saturday: Monday and Tuesday stand in for it and Boxing Day.
        (date(2027, 12, 24), "england wales scotland northern-ireland"),
        (date(2027, 12, 27), ""),
        (date(2027, 12, 28), ""),
        (date(2027, 12, 29), "england wales scotland northern-ireland"),
        # A Saturday and a Sunday.
        (date(2027, 1, 9), ""),
        (date(2027, 1, 10), ""),
    ],
)
def test_each_nation_has_its_own_holidays(day, working):
    assert " ".join(each.value for each in Nation if is_working_day(day, each)) == working


@pytest.mark.parametrize(
    ("nation", "received", "days", "last"),
    [
        # Over Christmas 2026: 25 is a Friday, and Monday 28 stands in for Boxing Day.
        (ENGLAND, date(2026, 12, 23), 5, date(2027, 1, 4)),
        (WALES, date(2026, 12, 23), 5, date(2027, 1, 4)),
        (NI, date(2026, 12, 23), 5, date(2027, 1, 4)),
        # In Scotland, Monday 4 January stands in for Saturday 2 January.
        (SCOTLAND, date(2026, 12, 23), 5, date(2027, 1, 5)),
        # Over Easter 2027: Good Friday is 26 March.
        (ENGLAND, date(2027, 3, 24), 2, date(2027, 3, 30)),
        (WALES, date(2027, 3, 24), 2, date(2027, 3, 30)),
        (NI, date(2027, 3, 24), 2, date(2027, 3, 30)),
        (SCOTLAND, date(2027, 3, 24), 2, date(2027, 3, 29)),
        # What comes in at a weekend counts from Monday.
        (ENGLAND, date(2027, 1, 9), 1, date(2027, 1, 11)),
        (ENGLAND, date(2027, 1, 8), 1, date(2027, 1, 11)),
    ],
)
def test_deadlines_leave_out_the_days_on_which_nobody_works(nation, received, days, last):
    assert working_day_after(received, days, nation) == last
    assert working_days_between(received, last, nation) == days


def test_what_is_answered_on_the_same_day_took_no_working_day():
    assert working_days_between(date(2027, 1, 6), date(2027, 1, 6), ENGLAND) == 0
    assert working_days_between(date(2027, 1, 9), date(2027, 1, 10), ENGLAND) == 0


@pytest.mark.parametrize(
    ("nation", "received", "by"),
    [
        # Thirty days, of which the first is the day of the complaint.
        (ENGLAND, datetime(2027, 1, 4, 12, tzinfo=UTC), date(2027, 2, 2)),
        # The thirtieth day is Christmas Day: the last working day before it.
        (ENGLAND, datetime(2026, 11, 26, 12, tzinfo=UTC), date(2026, 12, 24)),
        # It is Easter Monday, on which people work in Scotland.
        (ENGLAND, datetime(2027, 2, 28, 12, tzinfo=UTC), date(2027, 3, 25)),
        (SCOTLAND, datetime(2027, 2, 28, 12, tzinfo=UTC), date(2027, 3, 29)),
        # Half past eleven at night in UTC is the next day in London's summer.
        (ENGLAND, datetime(2027, 6, 1, 23, 30, tzinfo=UTC), date(2027, 7, 1)),
        (ENGLAND, datetime(2027, 6, 1, 22, 30, tzinfo=UTC), date(2027, 6, 30)),
    ],
)
def test_a_complaint_is_acknowledged_within_thirty_days_and_on_a_working_day(nation, received, by):
    publication = Publication(working_days=nation)
    found = deadlines(publication, COMPLAINT, received)
    assert found.acknowledge_by == by == last_working_day_by(by, nation)


def test_the_days_of_a_question_are_those_of_the_publication():
    publication = Publication(working_days=ENGLAND, acknowledge_days=2, answer_days=10)
    found = deadlines(publication, QUESTION, datetime(2026, 12, 23, 12, tzinfo=UTC))
    assert (found.acknowledge_by, found.answer_by) == (date(2026, 12, 29), date(2027, 1, 11))


def test_nothing_is_to_be_answered_before_it_is_acknowledged():
    publication = Publication(working_days=ENGLAND, acknowledge_days=10, answer_days=2)
    found = deadlines(publication, QUESTION, datetime(2027, 6, 7, 12, tzinfo=UTC))
    assert found.answer_by == found.acknowledge_by
