"""Care for the sender's name: rates, a warm-up, and a first share that goes before the rest."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db import transaction

from newsletter.scheduling.approval import approve
from newsletter.sending import claim_within_limits
from newsletter.sending.batches import send_next_batch
from newsletter.sending.defer_mailing import why_deferred
from newsletter.sending.engines.local import LocalEngine
from newsletter.sending.limits import throttle
from newsletter.sending.limits.deliverability_guard import check_deliverability
from newsletter.sending.mailing_controls import pause_mailing, resume_mailing, stop_mailing
from newsletter.sending.models import Batch, Mailing, SendingDay, SendRecord
from newsletter.sending.outcomes import NotSent, Rejected, Unknown
from newsletter.sending.recipient_counts import count_recipients
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.settings import PACKAGE
from tests import forked
from tests.made_tables import make_home
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import Crash, answering, take_all

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def limits(settings):
    """Set limits: `limits(rate_per_hour=20)`."""

    def set_limits(**changes):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=changes)

    return set_limits


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def send_what_may_go():
    """How many went, in all."""
    gone = 0
    while (delivery := send_next_batch()) is not None:
        gone += delivery.left
    return gone


def only():
    return Mailing.objects.get()


def test_no_more_go_in_an_hour_than_the_rate_allows(limits, clock, issue, crowd, way_out):
    limits(rate_per_hour=10)
    crowd(25)
    planned_mailing(issue)
    gone = []
    for _minute in range(150):
        gone.append(send_what_may_go())
        clock.shift(timedelta(minutes=1))
    assert sum(gone) == 25
    assert max(sum(gone[start : start + 60]) for start in range(90)) == 10
    assert gone[0] == 10
    assert set(way_out.taken.values()) == {1}


def test_a_mailing_that_waits_for_its_rate_says_why_and_until_when(limits, clock, issue, crowd, way_out, cli):
    limits(rate_per_hour=10)
    crowd(25)
    planned_mailing(issue)
    send_what_may_go()
    assert why_deferred(only()) == (
        "Sending will continue on Monday 23 November at 13:00 GMT. We send at most 10 emails per hour "
        "(NEWSLETTER_RATE_PER_HOUR)."
    )
    assert "We send at most 10 emails per hour" in cli("mailings", "show", only().pk).out
    shown = json.loads(cli("mailings", "show", only().pk, "--json").out)
    assert shown["waits_because"].startswith("We send at most 10 emails")
    assert shown["waits_until"].startswith("2026-11-23")
    clock.shift(timedelta(hours=1))
    assert why_deferred(only()) == ""


def test_batches_are_planned_so_that_one_can_go_at_once(limits, issue, crowd, way_out):
    limits(rate_per_second=3)
    crowd(10)
    assert planned_mailing(issue).batches.count() == 4


def test_a_batch_larger_than_the_rate_goes_in_parts(limits, clock, issue, crowd, way_out):
    crowd(8)
    planned_mailing(issue)
    limits(rate_per_hour=3)
    assert send_what_may_go() == 3
    clock.shift(timedelta(hours=1, seconds=1))
    assert send_what_may_go() == 3
    assert count_recipients(only()).add_up


def test_a_short_wait_is_slept_through(limits, clock, issue, crowd, way_out, monkeypatch):
    limits(rate_per_second=4)
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        clock.shift(timedelta(seconds=seconds))

    monkeypatch.setattr(claim_within_limits, "wait", sleep)
    crowd(12)
    planned_mailing(issue)
    assert send_what_may_go() == 12
    assert slept == [1.0, 1.0]


def test_who_did_not_leave_is_given_back(limits, clock, issue, crowd, way_out):
    limits(rate_per_hour=10)
    crowd(10)
    planned_mailing(issue)
    way_out.plan = answering(NotSent("Later."))
    assert send_what_may_go() == 0
    assert sum(SendRecord.objects.values_list("count", flat=True)) == 0
    way_out.plan = answering(Unknown("The answer was lost."))
    clock.shift(timedelta(minutes=1))
    assert send_next_batch().left == 4
    assert SendingDay.objects.get().count == 4


def test_both_rates_hold_and_the_longer_wait_is_told(limits, clock, db):
    limits(rate_per_second=5, rate_per_hour=5)
    assert throttle.acquire(9).count == 5
    answer = throttle.acquire(1)
    assert answer.until == NOON + timedelta(hours=1)
    assert "HOUR" in answer.reason


def test_room_that_one_thread_takes_is_used_though_another_finds_none_at_that_moment(
    limits, clock, issue, crowd, way_out, monkeypatch
):
    limits(rate_per_hour=4)
    crowd(12)
    planned_mailing(issue)
    reserve = claim_within_limits.acquire

    def reserve_and_let_another_look(wanted):
        monkeypatch.setattr(claim_within_limits, "acquire", reserve)
        answer = reserve(wanted)
        assert send_next_batch() is None
        return answer

    monkeypatch.setattr(claim_within_limits, "acquire", reserve_and_let_another_look)
    assert send_next_batch().left == 4
    assert sum(SendRecord.objects.values_list("count", flat=True)) == 4


def test_what_was_undone_with_its_transaction_is_not_given_back_a_second_time(limits, clock, db):
    limits(warm_up=(9,))
    throttle.acquire(5)
    with suppress(RuntimeError), transaction.atomic():
        undone = throttle.acquire(4)
        raise RuntimeError
    throttle.return_unused(undone)
    assert SendingDay.objects.get().count == 5


def test_room_is_given_back_when_a_claim_breaks_off(limits, clock, issue, crowd, way_out, monkeypatch):
    limits(rate_per_hour=4)
    crowd(4)
    planned_mailing(issue)

    def breaks(_post):
        raise MemoryError

    monkeypatch.setattr(way_out, "max_envelopes", breaks)
    with pytest.raises(MemoryError):
        send_next_batch()
    monkeypatch.undo()
    assert send_next_batch().left == 4


def test_without_limits_nothing_is_counted(issue, crowd, way_out):
    crowd(5)
    planned_mailing(issue)
    assert send_what_may_go() == 5
    assert not SendRecord.objects.exists()


RESERVE = """
import django
django.setup()
from newsletter.sending.limits import throttle
print(sum(getattr(throttle.acquire(7), "count", 0) for _ in range(20)))
"""


def test_several_processes_keep_the_rate_together(tmp_path):
    surroundings = os.environ | {
        "NEWSLETTER_HOME": str(tmp_path),
        "NEWSLETTER_RATE_PER_HOUR": "100",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        "DATABASE_URL": "",
    }

    def start(*words):
        command = [sys.executable, *words]
        return forked.Popen(command, env=surroundings, cwd=PACKAGE.parent, stdout=subprocess.PIPE, text=True)

    make_home(tmp_path)
    running = [start("-c", RESERVE) for _ in range(3)]
    granted = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(granted) == 100
    assert all(process.returncode == 0 for process in running)


def test_a_warm_up_lets_so_many_go_each_day_and_then_all(limits, clock, issue, crowd, way_out):
    limits(warm_up=(2, 5))
    crowd(30)
    planned_mailing(issue)
    assert send_what_may_go() == 2
    assert why_deferred(only()) == (
        "Sending will continue on Tuesday 24 November at 00:00 GMT. We have sent the maximum of 2 emails "
        "for day 1 of the warm-up (NEWSLETTER_WARM_UP)."
    )
    clock.shift(timedelta(hours=11))
    assert send_what_may_go() == 0
    clock.shift(timedelta(hours=1))
    assert send_what_may_go() == 5
    clock.shift(timedelta(days=1))
    assert send_what_may_go() == 23


def test_a_day_on_which_nothing_went_is_no_day_of_the_warm_up(limits, clock, issue, crowd, way_out):
    limits(warm_up=(2, 5, 9))
    crowd(30)
    planned_mailing(issue)
    send_what_may_go()
    clock.shift(timedelta(days=6))
    assert send_what_may_go() == 5


def test_a_day_on_which_all_failed_is_no_day_of_the_warm_up_either(limits, clock, issue, crowd, way_out):
    limits(warm_up=(2, 5))
    crowd(30)
    planned_mailing(issue)
    way_out.plan = answering(NotSent("No connection."))
    send_what_may_go()
    way_out.plan = take_all
    clock.shift(timedelta(days=1))
    assert send_what_may_go() == 2


def test_a_first_share_goes_and_is_watched_before_the_rest(limits, clock, issue, crowd, way_out):
    limits(canary_percent=10.0, canary_minutes=30.0)
    crowd(100)
    planned_mailing(issue)
    assert send_what_may_go() == 10
    assert (
        "We have sent the email to the first 10 recipients. We are watching for bounces and complaints for 30 minutes"
        in why_deferred(only())
    )
    assert Batch.objects.filter(first=True).count() == 3
    clock.shift(timedelta(minutes=29))
    assert send_what_may_go() == 0
    clock.shift(timedelta(minutes=1, seconds=1))
    assert send_what_may_go() == 90
    assert only().state == Mailing.State.SENT
    assert set(way_out.taken.values()) == {1}


def test_a_first_share_that_must_wait_holds_the_rest(limits, clock, issue, crowd, way_out):
    limits(canary_percent=10.0)
    crowd(50)
    planned_mailing(issue)
    # Less than a batch: what is left of one still belongs to the first share.
    limits(rate_per_hour=3)
    for _hour in range(2):
        assert send_what_may_go() in {3, 2}
        clock.shift(timedelta(hours=1, seconds=1))
    assert count_recipients(only()).accepted == 5
    assert Batch.objects.filter(first=False).exclude(state=Batch.State.WAITING).count() == 0


@pytest.mark.parametrize("answer", [Rejected("No."), Unknown("Lost."), NotSent("Later.", everybody=False)])
def test_the_rest_does_not_overtake_a_first_share_in_trouble(limits, clock, issue, crowd, way_out, answer):
    limits(canary_percent=5.0)
    crowd(40)
    planned_mailing(issue)
    way_out.plan = answering(answer)
    send_what_may_go()
    way_out.plan = take_all
    clock.shift(timedelta(minutes=29))
    send_what_may_go()
    assert count_recipients(only()).accepted in {0, 2}


def test_the_rest_follows_a_first_share_whose_process_died(limits, clock, issue, crowd, way_out):
    limits(canary_percent=5.0)
    crowd(40)
    planned_mailing(issue)

    def dies(_post):
        yield Crash()

    way_out.plan = dies
    with pytest.raises(Crash):
        send_next_batch()
    clock.shift(timedelta(minutes=5))
    assert recover_abandoned_batches() == 1
    way_out.plan = take_all
    assert send_what_may_go() == 0
    clock.shift(timedelta(minutes=31))
    assert send_what_may_go() == 38


def test_a_person_who_resumes_does_not_wait_for_the_watch(limits, clock, issue, crowd, way_out):
    limits(canary_percent=5.0)
    crowd(40)
    planned_mailing(issue)
    send_what_may_go()
    pause_mailing(only().pk, "Let me see.")
    resume_mailing(only().pk, resumed_by="edda")
    assert send_what_may_go() == 38


def test_a_mailing_that_is_stopped_in_its_first_share_ends(limits, issue, crowd, way_out):
    limits(canary_percent=5.0)
    crowd(40)
    planned_mailing(issue)
    assert stop_mailing(only().pk, stopped_by="edda") == 40
    assert only().state == Mailing.State.STOPPED


def test_a_share_of_a_handful_is_at_least_one_and_of_one_is_none(limits, issue, join, way_out):
    limits(canary_percent=2.0)
    join("ana")
    assert planned_mailing(issue).canary_pending is False
    assert send_what_may_go() == 1


@pytest.mark.parametrize(
    ("bounces", "complaints", "paused"),
    [(2, 2, False), (3, 0, True), (0, 3, True), (0, 0, False)],
)
def test_too_many_bounces_or_complaints_pause_the_mailing(issue, crowd, way_out, bounces, complaints, paused):
    crowd(60)
    planned_mailing(issue)
    for _ in range(13):
        send_next_batch()
    assert check_deliverability(only().pk, hard_bounces=bounces, complaints=complaints) is paused
    assert (only().state == Mailing.State.PAUSED) is paused
    if paused:
        assert "3 of 52 recipients" in only().pause_reason
        assert "5.8%" in only().pause_reason


def test_after_a_person_resumed_only_twice_the_trouble_pauses_again(issue, crowd, way_out):
    crowd(60)
    planned_mailing(issue)
    for _ in range(13):
        send_next_batch()
    check_deliverability(only().pk, hard_bounces=3, complaints=0)
    resume_mailing(only().pk, resumed_by="edda")
    assert check_deliverability(only().pk, hard_bounces=5, complaints=0) is False
    assert check_deliverability(only().pk, hard_bounces=6, complaints=0) is True


def test_a_limit_of_0_never_pauses(limits, issue, crowd, way_out):
    limits(hard_bounce_limit=0.0)
    crowd(60)
    planned_mailing(issue)
    send_next_batch()
    assert check_deliverability(only().pk, hard_bounces=4, complaints=0) is False


def test_the_send_command_does_not_wait_for_hours(limits, clock, issue, crowd, way_out, cli, monkeypatch):
    monkeypatch.setattr("newsletter.sending.engines.local.LocalEngine", partial(LocalEngine, threads=1))
    limits(warm_up=(2,))
    crowd(10)
    approve(issue)
    result = cli("issues", "send", "1", "--without-undo", "--yes")
    assert result.code == 1
    assert (
        "Mailing of The Harbour Letter 1 is being sent. The email still has to be sent to 8 recipients."
        in result.err
    )
    assert "day 1 of the warm-up" in result.err
