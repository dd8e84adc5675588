"""The command line sets series up and steers them, for people and for programs."""

import json

import pytest

from newsletter.scheduling.models import Series


@pytest.fixture
def added(cli, weekly):
    result = cli(
        "series",
        "add",
        "weekly",
        "every Tuesday and Thursday at 07:30",
        "--mode",
        "approve",
        "--at-most",
        "5",
    )
    assert result.code == 0, result
    return result


@pytest.fixture
def show(cli):
    return lambda: json.loads(cli("series", "show", "weekly", "--json").out)


def test_a_series_is_added_and_shown_with_its_next_five_dates(added, show):
    assert "every Tuesday and Thursday at 07:30" in added.out
    assert "Tuesday 1 December 2026, 07:30" in added.out
    facts = show()
    assert [date["date"] for date in facts["next"]] == [
        "2026-12-01T07:30", "2026-12-03T07:30", "2026-12-08T07:30", "2026-12-10T07:30", "2026-12-15T07:30",
    ]  # fmt: skip
    assert (facts["mode"], facts["rrule"], facts["selection"]["at_most"]) == (
        "approve",
        "FREQ=WEEKLY;BYDAY=TU,TH",
        5,
    )


@pytest.mark.parametrize(
    ("phrase", "zone", "expected"),
    [
        ("every Monday at 06:15", "america/new_york", ("FREQ=WEEKLY;BYDAY=MO", "06:15", "America/New_York")),
        (
            "on the last weekday of each quarter at 11:00",
            "UTC",
            ("FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "11:00", "UTC"),
        ),
        (
            "FREQ=DAILY;UNTIL=20270115T083000 at 08:30",
            "Asia/Tokyo",
            ("FREQ=DAILY;UNTIL=20270115", "08:30", "Asia/Tokyo"),
        ),
        ("RRULE:FREQ=WEEKLY;BYDAY=WE;BYHOUR=13", "UTC", ("FREQ=WEEKLY;BYDAY=WE", "13:00", "UTC")),
    ],
)
def test_a_schedule_is_read_as_people_and_calendars_write_it(cli, weekly, phrase, zone, expected):
    result = cli("series", "add", "weekly", phrase, "--zone", zone, "--json")
    assert result.code == 0, result
    facts = json.loads(result.out)
    assert (facts["rrule"], facts["time"][:5], facts["zone"]) == expected


def test_what_the_press_does_not_understand_is_a_sentence_with_an_example(cli, weekly):
    result = cli("series", "add", "weekly", "every blue moon at 07:30")
    assert result.code == 2
    assert result.err.startswith(
        "newsletter: We could not understand the word “blue” in the schedule. For example, enter “every "
        "Tuesday"
    )


def test_series_are_listed_with_their_next_date(cli, added):
    assert "Tuesday 1 December 2026, 07:30" in cli("series", "list").out
    assert json.loads(cli("series", "list", "--json").out)[0]["series"] == "weekly/weekly"
    cli("series", "pause", "weekly")
    assert "paused" in cli("series", "list").out


def test_dates_are_skipped_and_moved(cli, added, show):
    assert "Tuesday 1 December 2026, 07:30 will be skipped" in cli("series", "skip", "weekly").out
    moved = cli("series", "move", "weekly", "2026-12-03", "2026-12-04 08:00")
    assert (
        moved.out
        == "The issue on Thursday 3 December 2026, 07:30 has been moved to Friday 4 December 2026, 08:00.\n"
    )
    assert [(date["send_at"], date["state"]) for date in show()["next"][:2]] == [
        ("2026-12-01T07:30", "skipped"),
        ("2026-12-04T08:00", "planned"),
    ]


def test_a_time_that_comes_twice_is_asked_back(cli, added):
    result = cli("series", "move", "weekly", "2026-12-03", "2027-10-31 01:30")
    assert result.code == 1
    assert "Enter 2027-10-31 01:30 BST or 2027-10-31 01:30 GMT." in result.err


def test_a_series_is_changed_paused_resumed_and_removed(cli, added, show):
    assert cli("series", "edit", "weekly", "--recurrence", "first Monday of the month at 10:00").code == 0
    assert show()["recurrence"] == "on the first Monday of every month at 10:00"
    assert cli("series", "edit", "weekly", "--as-publication").code == 0
    assert show()["selection"] is None
    assert cli("series", "pause", "weekly").code == 0
    assert show()["paused_at"]
    assert cli("series", "resume", "weekly").code == 0
    assert json.loads(cli("series", "remove", "weekly", "--json").out) == {"removed": "weekly/weekly"}
    assert not Series.objects.exists()


def test_what_became_of_the_last_dates_is_shown(cli, added, show, clock):
    clock.rings_at("2026-11-30T12:00")
    assert show()["last"] == [
        {
            "date": "2026-12-01T07:30",
            "state": "skipped",
            "reason": "You have no articles yet. Add a source and fetch its articles.",
            "issue": None,
        }
    ]
    assert "You have no articles yet" in cli("series", "show", "weekly").out
