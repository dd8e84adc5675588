"""The same wall time in every reader's own zone: waves of one mailing."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.scheduling.models import Schedule
from newsletter.scheduling.schedule import describe_time, schedule_at
from newsletter.sending.mailing_controls import resume_mailing
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.recipient_counts import count_recipients
from subscribers.models import Subscriber
from tests.scheduling.test_release import tick

AT = datetime(2026, 12, 2, 7, 30, tzinfo=UTC)
AT_HALF_PAST_SEVEN = {
    "auckland": ("Pacific/Auckland", datetime(2026, 12, 1, 18, 30, tzinfo=UTC)),
    "kolkata": ("Asia/Kolkata", datetime(2026, 12, 2, 2, 0, tzinfo=UTC)),
    "paris": ("Europe/Paris", datetime(2026, 12, 2, 6, 30, tzinfo=UTC)),
    "london": ("Europe/London", AT),
    "unknown": ("", AT),
    "nowhere": ("Mars/Base", AT),
    "denver": ("America/Denver", datetime(2026, 12, 2, 14, 30, tzinfo=UTC)),
}


@pytest.fixture
def readers(clock, join):
    """One person in each place."""
    for name, (zone, _at) in AT_HALF_PAST_SEVEN.items():
        (subscription,) = join(name)
        Subscriber.objects.filter(pk=subscription.subscriber_id).update(zone=zone)


def gone():
    rows = Recipient.objects.filter(state=Recipient.State.ACCEPTED)
    return {name.lower() for name in rows.values_list("subscriber__first_name", flat=True)}


def test_everybody_has_it_at_half_past_seven_by_their_own_clock(issue, clock, readers, way_out):
    approve(issue)
    schedule = schedule_at(issue, AT, readers_time=True)
    assert describe_time(schedule) == "2026-12-02 07:30 (Europe/London), in each reader's own time zone"
    for moment in sorted({at for _zone, at in AT_HALF_PAST_SEVEN.values()}):
        clock.move_to(moment - timedelta(seconds=1))
        tick()
        assert gone() == {name for name, (_zone, at) in AT_HALF_PAST_SEVEN.items() if at < moment}
        clock.shift(timedelta(seconds=1))
        tick()
        assert gone() == {name for name, (_zone, at) in AT_HALF_PAST_SEVEN.items() if at <= moment}
    mailing = Mailing.objects.get()
    assert count_recipients(mailing).accepted == mailing.audience == 7
    issue.refresh_from_db()
    assert issue.state == Issue.State.SENT


def test_whose_moment_has_passed_has_it_with_the_first(issue, clock, readers, way_out):
    clock.move_to(datetime(2026, 12, 1, 20, 0, tzinfo=UTC))
    approve(issue)
    schedule_at(issue, AT, readers_time=True)
    tick()
    assert gone() == {"auckland"}


def test_everybody_is_in_one_wave_and_the_numbers_go_on(issue, clock, crowd, way_out):
    crowd(30)
    places = ["", "Asia/Tokyo", "America/Denver", "Europe/London", "Asia/Seoul"]
    for number, person in enumerate(Subscriber.objects.all()):
        Subscriber.objects.filter(pk=person.pk).update(zone=places[number % 5])
    approve(issue)
    schedule_at(issue, AT, readers_time=True)
    clock.move_to(Schedule.objects.get().due_at)
    tick()
    mailing = Mailing.objects.get()
    assert count_recipients(mailing).add_up
    assert mailing.audience == 30
    assert count_recipients(mailing).accepted == 12
    numbers = list(mailing.batches.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    send_windows = set(mailing.batches.values_list("send_window", flat=True))
    assert send_windows == {"2026-12-01T22:30Z", "2026-12-02T07:30Z", "2026-12-02T14:30Z"}


def test_who_leaves_before_their_wave_is_left_out(issue, clock, readers, way_out):
    from subscribers import consent
    from subscribers.consent_log import ConsentSource
    from subscribers.models import SourceKind, Subscription

    approve(issue)
    schedule_at(issue, AT, readers_time=True)
    for moment in sorted({at for _zone, at in AT_HALF_PAST_SEVEN.values() if at <= AT}):
        clock.move_to(moment)
        tick()
    denver = Subscription.objects.get(subscriber__first_name="Denver")
    consent.unsubscribe(denver, ConsentSource(SourceKind.EDITOR, "edda"))
    clock.move_to(AT_HALF_PAST_SEVEN["denver"][1])
    tick()
    assert count_recipients(Mailing.objects.get()).skipped == 1
    assert "denver" not in gone()


def test_a_wave_missed_by_more_than_the_grace_waits_for_a_person(issue, clock, readers, way_out):
    approve(issue)
    clock.move_to(schedule_at(issue, AT, readers_time=True).due_at)
    tick()
    assert gone() == {"auckland"}
    clock.move_to(AT_HALF_PAST_SEVEN["kolkata"][1] + timedelta(hours=2, minutes=1))
    tick()
    mailing = Mailing.objects.get()
    assert mailing.state == Mailing.State.PAUSED
    assert "Some emails were not sent within the grace period" in mailing.pause_reason
    assert gone() == {"auckland"}
    resume_mailing(mailing.pk, resumed_by="ann")
    tick()
    assert gone() == {"auckland", "kolkata"}
    clock.move_to(AT)
    tick()
    assert gone() == {"auckland", "kolkata", "paris", "london", "unknown", "nowhere"}


def test_a_draft_is_given_no_time_that_has_passed_somewhere(issue, clock, readers):
    clock.move_to(datetime(2026, 12, 1, 20, 0, tzinfo=UTC))
    with pytest.raises(Refused, match="already passed in some readers' time zones"):
        schedule_at(issue, AT, readers_time=True)
