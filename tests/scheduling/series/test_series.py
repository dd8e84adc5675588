"""Series are set up by administrators, and steered date by date by editors."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Invalid, NewsletterError, NotFound, Refused
from newsletter.issues.issue_audit import entries
from newsletter.scheduling.add_or_change_series import SeriesChange, add_series, change_series
from newsletter.scheduling.models import Series
from newsletter.scheduling.occurrence_overrides import move_date, skip_date
from newsletter.scheduling.pause_or_remove_series import pause_series, remove_series, resume_series
from newsletter.scheduling.series_dates import upcoming
from newsletter.scheduling.series_names import describe_series, find_series

EDITOR = Actor("erin", frozenset({Role.EDITOR}), account=7)
VISITOR = Actor("vera")


def next_dates(series, count=5):
    dates = upcoming(Series.objects.get(pk=series.pk), now=timezone.now(), count=count)
    return [(date.send_at, date.state.value) for date in dates]


def test_a_series_is_added_as_a_person_says_it_and_shows_its_next_five_dates(weekly):
    series = add_series(weekly, "every Tuesday and Thursday at 07:30")
    assert describe_series(series) == "every Tuesday and Thursday at 07:30 (Europe/London), leaves a draft"
    assert [local_time for local_time, _state in next_dates(series)] == [
        "2026-12-01T07:30", "2026-12-03T07:30", "2026-12-08T07:30", "2026-12-10T07:30", "2026-12-15T07:30",
    ]  # fmt: skip


def test_the_next_dates_show_what_is_skipped_and_what_is_moved(tuesdays):
    series = tuesdays()
    skip_date(series, "8 December")
    move_date(series, "2026-12-15", "2026-12-16 09:00")
    assert next_dates(series, 4) == [
        ("2026-12-01T07:30", "planned"),
        ("2026-12-08T07:30", "skipped"),
        ("2026-12-16T09:00", "planned"),
        ("2026-12-22T07:30", "planned"),
    ]


def test_a_skipped_date_comes_back_by_moving_it(tuesdays):
    series = tuesdays()
    skip_date(series)
    move_date(series, "2026-12-01", "2026-12-01 07:30")
    assert next_dates(series, 1) == [("2026-12-01T07:30", "planned")]


def test_the_next_date_that_is_not_skipped_is_skipped(tuesdays):
    series = tuesdays()
    skip_date(series)
    assert skip_date(series).local_time == "2026-12-08T07:30"


def test_an_ended_series_has_no_date_to_skip(tuesdays, clock):
    series = tuesdays(recurrence="every Tuesday at 07:30 until 1 December 2026")
    clock.move_to("2026-12-02T12:00")
    assert next_dates(series) == []
    with pytest.raises(Refused, match="does not have any more dates"):
        skip_date(series)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (
            lambda series: skip_date(series, "2026-12-02"),
            "no date on 2026-12-02. The next dates are: Tuesday 1",
        ),
        (lambda series: skip_date(series, "soon"), "read “soon” as a day"),
        (
            lambda series: move_date(series, "2026-12-01", "2026-11-30 08:00"),
            "has passed. Choose a time in the future",
        ),
        (
            lambda series: move_date(series, "2026-12-01", "2027-03-28 01:30"),
            "01:30 does not exist on 28 March 2027",
        ),
        (resume_series, "is not paused"),
    ],
)
def test_what_cannot_be_is_a_sentence(tuesdays, act, sentence):
    series = tuesdays()
    with pytest.raises(NewsletterError, match=sentence):
        act(series)
    assert not series.occurrences.exists()


def test_a_drafted_date_is_changed_by_its_issue(tuesdays, publish, clock):
    series = tuesdays("approve")
    publish(1)
    clock.rings_at("2026-11-30T12:00")
    for act in (
        lambda: skip_date(series, "2026-12-01"),
        lambda: move_date(series, "2026-12-01", "Friday 08:00"),
    ):
        with pytest.raises(Refused, match="has already been drafted as issue 1 of Weekly"):
            act()


@pytest.mark.parametrize(
    ("wishes", "error", "sentence"),
    [
        (SeriesChange(mode="shout"), Invalid, "a mode called shout. Choose one of: draft, approve, send"),
        (SeriesChange(zone="Europe/Nowhere"), Invalid, "not an IANA time zone"),
        (
            SeriesChange(mode="approve", draft_ahead_minutes=60, approve_by_minutes=90),
            Invalid,
            "before its approval is due",
        ),
        (
            SeriesChange(mode="approve", draft_ahead_minutes=99_999_999),
            Invalid,
            "no more than 30 days before",
        ),
        (SeriesChange(approve_by_minutes=-5), Invalid, "before its approval is due"),
        (
            SeriesChange(zone="Asia/Tokyo", readers_time=True),
            Refused,
            "the time zone of Weekly, Europe/London",
        ),
    ],
)
def test_what_a_series_cannot_do_is_refused_and_adds_nothing(weekly, wishes, error, sentence):
    with pytest.raises(error, match=sentence):
        add_series(weekly, "every Tuesday at 07:30", wishes)
    assert not Series.objects.exists()


def test_where_a_second_person_is_asked_for_nothing_sends_by_itself(weekly):
    weekly.four_eyes = True
    weekly.save()
    with pytest.raises(Refused, match="requires a second person"):
        add_series(weekly, "every Tuesday at 07:30", SeriesChange(mode="send"))
    series = add_series(weekly, "every Tuesday at 07:30", SeriesChange(mode="approve"))
    with pytest.raises(Refused, match="requires a second person"):
        change_series(series, SeriesChange(mode="send"))


def test_names_are_given_once_and_found_again(weekly):
    first, second = add_series(weekly, "daily at 9:00"), add_series(weekly, "daily at 10:00")
    assert (first.name, second.name) == ("weekly", "weekly-2")
    assert find_series("weekly/weekly-2") == second
    with pytest.raises(Refused, match="already has a recurring issue called “weekly”"):
        add_series(weekly, "daily at 9:00", name="weekly")
    with pytest.raises(Invalid, match="name"):
        add_series(weekly, "daily at 9:00", name="no name!")
    with pytest.raises(NotFound, match="The recurring issues are: weekly/weekly, weekly/weekly-2"):
        find_series("monthly")


def test_another_rhythm_begins_now_and_forgets_what_was_said_of_dates_to_come(tuesdays, clock):
    series = tuesdays()
    skip_date(series)
    clock.move_to("2026-12-03T12:00")
    change_series(series, SeriesChange(recurrence="every Thursday at 9:00"))
    assert next_dates(series, 1) == [("2026-12-10T09:00", "planned")]
    assert clock.rings_at("2026-12-03T13:00") == 0


def test_a_change_of_the_mode_alone_leaves_the_dates_as_they_are(tuesdays):
    series = tuesdays()
    skip_date(series)
    changed = change_series(series, SeriesChange(mode="approve", draft_ahead_minutes=60))
    assert next_dates(series, 1) == [("2026-12-01T07:30", "skipped")]
    assert changed.next_check_at == timezone.now().replace(day=8, month=12, hour=6, minute=30)


def test_what_is_removed_leaves_its_issues(tuesdays, publish, clock, issues):
    series = tuesdays()
    publish(1)
    clock.rings_at("2026-12-01T07:30")
    remove_series(series)
    assert issues() == [(1, "draft")]
    with pytest.raises(NotFound):
        pause_series(series)


def test_an_editor_steers_dates_and_only_an_administrator_sets_up(tuesdays, weekly):
    series = tuesdays()
    with acting_as(EDITOR):
        skip_date(series)
        move_date(series, "2026-12-08", "2026-12-09 08:00")
        pause_series(series)
        resume_series(series)
        for act in (
            lambda: add_series(weekly, "daily at 9:00"),
            lambda: change_series(series, SeriesChange(mode="send")),
            lambda: remove_series(series),
        ):
            with pytest.raises(Refused, match="Only an administrator"):
                act()
    with acting_as(VISITOR):
        for act in (
            skip_date,
            pause_series,
            resume_series,
            lambda it: move_date(it, "2026-12-15", "Friday 8:00"),
        ):
            with pytest.raises(Refused, match="Only an editor"):
                act(series)


def test_every_act_is_in_the_audit_log(tuesdays, weekly):
    series = tuesdays()
    with acting_as(EDITOR):
        skip_date(series)
        pause_series(series)
    said = [(entry.actor, entry.sentence) for entry in entries(publication=weekly)]
    assert said == [
        ("erin", "Paused the recurring issue “weekly”."),
        ("erin", "Skipped Tuesday 1 December 2026, 07:30 for the recurring issue “weekly”."),
        (
            "the system",
            "Added the recurring issue “weekly”: every Tuesday at 07:30 (Europe/London), leaves a draft.",
        ),
    ]


def test_a_series_looks_again_when_its_next_date_must_be_drafted(tuesdays):
    series = tuesdays("approve", draft_ahead_minutes=90)
    assert series.next_check_at == timezone.now().replace(month=12, day=1, hour=6, minute=0)
    paused = pause_series(series)
    assert paused.next_check_at is None
    assert resume_series(series).next_check_at == timezone.now() + timedelta(hours=21)
