"""A date of a series gives one issue, at its time, from what is new at that moment, and on its way as its mode says."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.articles.models import Source
from newsletter.articles.pictures.models import PictureFile
from newsletter.issues.issue_audit import entries
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Approval, Issue, StandingBlock
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.approval import approve
from newsletter.scheduling.draft_occurrences import LEASE, MAX_ATTEMPTS
from newsletter.scheduling.models import Occurrence, Schedule
from newsletter.scheduling.occurrence_overrides import move_date, skip_date
from newsletter.scheduling.pause_or_remove_series import pause_series, remove_series, resume_series
from newsletter.scheduling.release import release_next_issue
from tests.articles.pictures.drawing import photo, saved
from tests.fakes.source import feed, item
from tests.frozen_emails import approved_email

TUESDAY = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)


def test_at_its_time_a_date_leaves_a_draft_and_nothing_before(tuesdays, publish, clock, issues, became):
    series = tuesdays()
    publish(1, 2)
    assert clock.rings_at("2026-12-01T07:29:59") == 0
    assert clock.rings_at("2026-12-01T07:30") == 1
    assert issues() == [(1, "draft")]
    assert became(series) == [("12-01", "drafted")]
    assert series.occurrences.get().issue.number == 1
    assert not Schedule.objects.exists()


def test_sources_are_fetched_right_before(tuesdays, publish, clock, site):
    tuesdays()
    publish(1)
    clock.rings_at("2026-12-01T07:30")
    publish(1, 2)
    clock.rings_at("2026-12-08T07:30")
    titles = [
        [item.article.title for item in items_to_print(issue)] for issue in Issue.objects.order_by("number")
    ]
    assert titles == [["Piece 1"], ["Piece 2"]]
    assert site.asked["/feed"] == 2


def test_a_source_that_fails_does_not_stop_it(tuesdays, publish, clock, site, weekly, issues):
    Source.objects.create(name="broken", location=site.url("/broken"), kind=Source.Kind.FEED)
    site.fail("/broken", 500)
    tuesdays()
    publish(1)
    clock.rings_at("2026-12-01T07:30")
    assert issues() == [(1, "draft")]
    assert Source.objects.get(name="broken").failures == 1


def test_too_few_new_articles_skip_the_date_and_say_so(tuesdays, publish, clock, issues):
    series = tuesdays()
    publish(1)
    clock.rings_at("2026-12-01T07:30")
    assert clock.rings_at("2026-12-08T07:30") == 1
    assert issues() == [(1, "draft")]
    skipped = series.occurrences.get(local_time="2026-12-08T07:30")
    assert (skipped.state, skipped.reason) == (
        "skipped",
        "We did not find any new articles in the last 3,000 days. An issue needs at least 1 article.",
    )
    assert "We did not find any new articles" in entries(publication=series.publication).first().sentence
    publish(1, 2)
    clock.rings_at("2026-12-15T07:30")
    assert issues() == [(1, "draft"), (2, "draft")]


def test_a_series_may_choose_by_a_rule_of_its_own(tuesdays, publish, clock):
    from newsletter.issues.selection_rule import Selection

    tuesdays(selection=Selection(since=3_000, at_most=2))
    publish(1, 2, 3)
    clock.rings_at("2026-12-01T07:30")
    assert Issue.objects.get().items.count() == 2


def test_to_be_approved_it_is_drafted_ahead_and_waits_for_its_approval(tuesdays, publish, clock, issues):
    tuesdays("approve", draft_ahead_minutes=600, approve_by_minutes=60)
    publish(1)
    assert clock.rings_at("2026-11-30T21:29") == 0
    assert clock.rings_at("2026-11-30T21:30") == 1
    assert issues() == [(1, "draft")]
    schedule = Schedule.objects.get()
    assert (schedule.due_at, schedule.approve_by) == (TUESDAY, TUESDAY - timedelta(hours=1))


def test_by_itself_it_is_approved_and_scheduled_some_minutes_before(tuesdays, publish, clock, issues):
    tuesdays("send")
    publish(1)
    assert clock.rings_at("2026-12-01T07:19") == 0
    assert clock.rings_at("2026-12-01T07:20") == 1
    assert issues() == [(1, "scheduled")]
    assert Schedule.objects.get().due_at == TUESDAY
    assert [entry.actor for entry in entries(issue=Issue.objects.get())] == ["the system"] * 4


def test_by_itself_it_is_approved_with_its_pictures_which_are_then_kept_for_good(tuesdays, clock, site):
    tuesdays("send")
    site.serve("/hill.jpg", saved(photo(1600, 900)), headers={"Content-Type": "image/jpeg"})
    text = f'<p>What a long piece says.</p><img src="{site.url("/hill.jpg")}" alt="A hill">'
    site.serve("/feed", feed([item(1, text=text)]))
    clock.rings_at("2026-12-01T07:30")
    html = approved_email(Approval.objects.get())["html"]
    kept = [file.name for file in PictureFile.objects.exclude(kept_since=None)]
    assert len(kept) == 1
    assert f"/media/{kept[0]}" in html
    assert PictureFile.objects.count() == 2


def test_what_cannot_be_approved_is_held_with_the_reason(tuesdays, publish, clock, weekly, issues):
    tuesdays("send")
    weekly.four_eyes = True
    weekly.save()
    publish(1)
    clock.rings_at("2026-12-01T07:20")
    assert issues() == [(1, "blocked")]
    assert "requires a second person" in Issue.objects.get().blocked_reason
    assert not Schedule.objects.exists()


@pytest.mark.parametrize("drafted", ["2026-12-01T07:20", "2026-12-01T08:00"])
def test_by_itself_it_goes_at_its_time_or_at_once_when_that_is_over(
    tuesdays, publish, clock, issues, drafted
):
    tuesdays("send")
    publish(1)
    clock.rings_at(drafted)
    assert not release_next_issue()
    clock.move_to(f"{drafted[:-5]}{'07:30' if drafted.endswith('07:20') else '08:01'}")
    assert release_next_issue()
    assert issues() == [(1, "sending")]


def test_approved_in_time_it_goes_and_otherwise_it_is_held(tuesdays, publish, clock, issues):
    tuesdays("approve", approve_by_minutes=60)
    publish(1)
    clock.rings_at("2026-11-30T12:00")
    approve(Issue.objects.get())
    clock.move_to("2026-12-01T07:30")
    assert release_next_issue()
    publish(1, 2)
    clock.rings_at("2026-12-07T12:00")
    clock.move_to("2026-12-08T06:30")
    assert release_next_issue()
    assert issues() == [(1, "sending"), (2, "blocked")]


@pytest.mark.parametrize(
    ("mode", "now", "state"),
    [
        ("draft", "2026-12-01T07:31", "draft"),
        ("draft", "2026-12-01T10:30", "draft"),
        ("draft", "2026-12-04T07:30", "draft"),
        ("approve", "2026-12-01T07:00", "draft"),
        ("approve", "2026-12-01T07:31", "blocked"),
        ("approve", "2026-12-01T10:30", "blocked"),
        ("send", "2026-12-01T07:31", "scheduled"),
        ("send", "2026-12-01T09:30", "scheduled"),
        ("send", "2026-12-01T09:31", "blocked"),
        ("send", "2026-12-04T07:30", "blocked"),
    ],
)
def test_late_within_the_grace_it_goes_and_later_it_is_held(
    tuesdays, publish, clock, issues, mode, now, state
):
    tuesdays(mode)
    publish(1)
    assert clock.rings_at(now) == 1
    assert issues() == [(1, state)]
    if state == "blocked":
        assert "This issue was due on Tuesday 1 December 2026, 07:30" in Issue.objects.get().blocked_reason


@pytest.mark.parametrize(("mode", "state"), [("draft", "draft"), ("send", "blocked")])
def test_of_several_missed_dates_only_the_latest_drafts(
    tuesdays, publish, clock, issues, became, mode, state
):
    series = tuesdays(mode, recurrence="daily at 07:30")
    publish(1)
    assert clock.rings_at("2026-12-03T12:00") == 3
    assert issues() == [(1, state)]
    assert became(series) == [("12-01", "missed"), ("12-02", "missed"), ("12-03", "drafted")]
    assert (
        "The scheduler was not running at that time"
        in series.occurrences.get(local_time="2026-12-01T07:30").reason
    )


def test_a_missed_date_takes_no_articles_from_the_one_that_is_on_time(
    tuesdays, publish, clock, issues, became
):
    series = tuesdays("send", recurrence="daily at 07:30")
    publish(1)
    clock.rings_at("2026-12-02T07:25")
    assert became(series) == [("12-01", "missed"), ("12-02", "drafted")]
    assert issues() == [(1, "scheduled")]


def test_an_hour_of_the_wall_that_the_clocks_leave_out_is_its_first_minute_after(
    tuesdays, publish, clock, issues
):
    tuesdays(recurrence="daily at 01:30 from 28 March 2027 until 28 March 2027")
    publish(1)
    assert clock.rings_at("2027-03-28T00:59") == 0
    assert clock.rings_at("2027-03-28T01:00") == 1
    assert clock.rings_at("2027-03-29T12:00") == 0


def test_an_hour_that_comes_twice_drafts_once(tuesdays, publish, clock, issues):
    tuesdays(recurrence="daily at 01:30 from 31 October 2027 until 31 October 2027")
    publish(1)
    assert clock.rings_at("2027-10-31T00:30") == 1
    publish(1, 2)
    assert clock.rings_at("2027-10-31T01:30") == 0
    assert clock.rings_at("2027-11-01T12:00") == 0


def test_a_date_whose_drafting_stopped_is_taken_up_again_once_its_lease_is_over(
    tuesdays, publish, clock, issues
):
    series = tuesdays()
    publish(1)
    stopped(series, at=TUESDAY)
    assert clock.rings_at("2026-12-01T07:44") == 0
    assert clock.rings_at("2026-12-01T07:45") == 1
    assert issues() == [(1, "draft")]
    assert series.occurrences.get().attempts == 2


def test_a_date_whose_drafting_stops_again_and_again_is_given_up(tuesdays, publish, clock, issues, became):
    series = tuesdays()
    publish(1)
    stopped(series, at=TUESDAY, attempts=MAX_ATTEMPTS)
    assert clock.rings_at("2026-12-01T07:45") == 1
    assert issues() == []
    assert became(series) == [("12-01", "missed")]


def test_a_date_that_was_left_behind_by_a_clock_a_day_ahead_is_drafted(tuesdays, publish, clock, issues):
    series = tuesdays()
    publish(1)
    stopped(series, at=TUESDAY + timedelta(days=1))
    assert clock.rings_at("2026-12-01T07:31") == 1
    assert issues() == [(1, "draft")]


def stopped(series, *, at, attempts=1):
    """As a process leaves it that is killed between the claim and the draft."""
    Occurrence.objects.create(
        series=series, local_time="2026-12-01T07:30", due_at=TUESDAY, state="drafting", lease_until=at + LEASE,
        attempts=attempts,
    )  # fmt: skip
    type(series).objects.update(next_check_at=at + LEASE)


def test_a_series_that_cannot_be_used_stops_no_other(tuesdays, weekly, publish, clock, issues, caplog):
    broken, good = tuesdays(), add_series(weekly, "every Tuesday at 07:31")
    type(broken).objects.filter(pk=broken.pk).update(zone="Mars/Olympus")
    publish(1)
    assert clock.rings_at("2026-12-01T07:31") == 1
    assert good.occurrences.get().state == "drafted"
    assert "“Mars/Olympus” is not an IANA time zone" in caplog.text


class Once(logging.Handler):
    """Acts when the press first says something, in its thread: here, that a source failed before a draft."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def emit(self, record):
        act, self.act = self.act, lambda: None
        act()


@pytest.mark.parametrize(("act", "left"), [(remove_series, []), (pause_series, [("12-01", "planned")])])
def test_a_series_that_ends_or_pauses_while_sources_are_fetched_drafts_nothing(
    tuesdays, clock, site, issues, became, caplog, act, left
):
    series = tuesdays()
    site.fail("/feed", 500)
    logger, handler = logging.getLogger("newsletter.scheduling.draft_occurrences"), Once(lambda: act(series))
    logger.addHandler(handler)
    with caplog.at_level(logging.INFO, logger=logger.name):
        assert clock.rings_at("2026-12-01T07:30") == 1
    logger.removeHandler(handler)
    assert (issues(), became(series)) == ([], left)


def test_a_skipped_date_drafts_nothing_and_the_next_does(tuesdays, publish, clock, issues, became):
    series = tuesdays()
    publish(1)
    skip_date(series)
    assert clock.rings_at("2026-12-01T12:00") == 0
    assert clock.rings_at("2026-12-08T07:30") == 1
    assert became(series) == [("12-01", "skipped"), ("12-08", "drafted")]


def test_a_moved_date_drafts_at_its_new_time_only(tuesdays, publish, clock, issues, became):
    series = tuesdays()
    publish(1)
    move_date(series, "2026-12-01", "2026-12-02 10:00")
    assert clock.rings_at("2026-12-01T12:00") == 0
    assert clock.rings_at("2026-12-02T10:00") == 1
    publish(1, 2)
    assert clock.rings_at("2026-12-07T12:00") == 0
    assert became(series) == [("12-01", "drafted")]


def test_a_date_moved_before_another_leaves_that_one_alone(tuesdays, publish, clock, became):
    series = tuesdays()
    publish(1)
    move_date(series, "2026-12-08", "2026-11-30 18:00")
    assert clock.rings_at("2026-11-30T18:00") == 1
    publish(1, 2)
    assert clock.rings_at("2026-12-01T07:30") == 1
    publish(1, 2, 3)
    assert clock.rings_at("2026-12-08T07:30") == 0
    assert became(series) == [("12-01", "drafted"), ("12-08", "drafted")]


def test_what_passed_during_a_pause_is_not_made_up_for(tuesdays, publish, clock, issues, became):
    series = tuesdays()
    publish(1)
    move_date(series, "2026-12-08", "2026-12-09 10:00")
    pause_series(series)
    assert clock.rings_at("2026-12-12T12:00") == 0
    resume_series(series)
    assert clock.rings_at("2026-12-12T12:00") == 0
    assert clock.rings_at("2026-12-15T07:30") == 1
    assert issues() == [(1, "draft")]
    assert became(series) == [("12-08", "skipped"), ("12-15", "drafted")]


def test_at_readers_own_time_it_is_drafted_before_the_first_of_them_wakes(tuesdays, publish, clock, issues):
    tuesdays("send", readers_time=True)
    publish(1)
    assert clock.rings_at("2026-11-30T17:19") == 0
    assert clock.rings_at("2026-11-30T17:20") == 1
    assert Schedule.objects.get().readers_time
    assert issues() == [(1, "scheduled")]


def test_at_readers_own_time_it_is_approved_for_the_day_that_they_have(
    tuesdays, publish, clock, issues, weekly
):
    StandingBlock.objects.create(
        publication=weekly,
        name="open-day",
        kind="notice",
        body="Open day today.",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 1),
    )
    tuesdays("send", readers_time=True)
    publish(1)
    clock.rings_at("2026-11-30T17:30")
    assert issues() == [(1, "scheduled")]
    approval = Approval.objects.get(withdrawn_at=None)
    assert approval.day == date(2026, 12, 1)
    assert "Open day today." in approved_email(approval)["text"]
