"""What was deferred while the clock was a day ahead goes on once it is put right."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from newsletter.sending.batches import send_next_batch
from newsletter.sending.defer_mailing import defer_mailing, why_deferred
from newsletter.sending.models import Mailing, SendRecord
from newsletter.sending.outcomes import NotSent, Unknown
from newsletter.sending.pending_sends import pending_sends
from newsletter.sending.recipient_counts import count_recipients
from tests.sending.scripted_transport import answering, take_all

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AHEAD = [timedelta(hours=1), timedelta(days=1)]


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def send_until_nothing_is_due():
    rounds = 0
    while send_next_batch() is not None:
        rounds += 1
        assert rounds < 20
    return count_recipients(Mailing.objects.get())


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize(
    "answer",
    [
        NotSent("Too many at once.", retry_after=60.0),
        NotSent("Greylisted.", retry_after=300.0, everybody=False),
    ],
    ids=["the mailing waits", "the batch waits"],
)
def test_a_wait_that_began_in_the_future_is_over(clock, mailing, way_out, answer, ahead):
    clock.shift(ahead)
    way_out.plan = answering(answer)
    send_next_batch()
    clock.shift(-ahead)
    way_out.plan = take_all
    assert send_until_nothing_is_due().accepted == 10
    assert set(way_out.taken.values()) == {1}


def test_a_wait_lasts_its_time_when_the_clock_is_right(clock, mailing, way_out):
    way_out.plan = answering(Unknown("Nothing came back.", retry_after=60.0))
    send_next_batch()
    way_out.plan = take_all
    assert send_next_batch() is None
    assert "Sending will continue on " in why_deferred(Mailing.objects.get())


@pytest.mark.parametrize("ahead", AHEAD)
def test_what_a_mailing_says_of_its_wait_follows_the_clock(clock, mailing, ahead):
    clock.shift(ahead)
    defer_mailing(mailing.pk, NOON + ahead + timedelta(minutes=10), "So it was asked.")
    clock.shift(-ahead)
    assert why_deferred(Mailing.objects.get()) == ""
    assert [going.at for going in pending_sends()] == [None]
    assert defer_mailing(mailing.pk, NOON + timedelta(minutes=5), "So it is asked now.")
    assert "at 12:05 GMT. So it is asked now." in why_deferred(Mailing.objects.get())


@pytest.mark.parametrize("ahead", AHEAD)
def test_what_was_sent_in_the_future_fills_the_rate_for_no_longer_than_an_hour(
    clock, mailing, way_out, settings, ahead
):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"rate_per_hour": 4})
    clock.shift(ahead)
    send_until_nothing_is_due()
    clock.shift(-ahead)
    send_until_nothing_is_due()
    assert not SendRecord.objects.filter(at__gt=NOON).exists()
    clock.shift(timedelta(hours=1, seconds=1))
    assert send_until_nothing_is_due().accepted == 8
