"""The clock does each chore until nothing is left, whatever happens to another, and stops when it is told to."""

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.core import mail
from django.utils import timezone

from newsletter.instance import scheduler_heartbeat
from newsletter.scheduler import CHORES, Chore, Every, do_all, ticking
from newsletter.sending.repeated_failures import Work

pytestmark = pytest.mark.django_db(transaction=True)


def done(chore, stopping=None):
    """Do a chore as the clock does."""
    do_all(chore, stopping or Event(), Work("the clock", chore.name))


def test_a_chore_is_done_until_nothing_is_left():
    left = [1, 2, 3]
    done(Chore("count", lambda: left.pop() if left else None, 1))
    assert left == []


def test_a_fault_is_logged_and_does_not_stop_the_clock(caplog):
    def fail():
        raise OSError("the disk is full")

    done(Chore("write it down", fail, 5))
    assert "write it down" in caplog.text
    assert "the disk is full" in caplog.text


def test_a_chore_that_failed_rests_and_is_not_tried_at_every_tick():
    tries, work = [], Work("the clock", "open the gate")

    def fail():
        tries.append(1)
        raise MemoryError

    chore = Chore("open the gate", fail, 1)
    for _ in range(3):
        do_all(chore, Event(), work)
    assert tries == [1]


def test_a_clock_that_stops_leaves_the_rest_for_the_next():
    stopping = Event()
    pieces = []

    def do_one():
        pieces.append(1)
        stopping.set()
        return True

    done(Chore("go on for ever", do_one, 1), stopping)
    assert pieces == [1]


def test_every_chore_begins_at_once_and_one_fault_holds_up_no_other():
    begun, others = Event(), Event()

    def fail():
        begun.set()
        raise ValueError("no")

    with ticking([Chore("fail", fail, 60), Chore("go on", others.set, 60)]):
        assert begun.wait(5)
        assert others.wait(5)


def test_a_clock_set_forward_by_decades_makes_up_for_no_round_that_was_missed():
    """A machine without a battery begins in 1970; APScheduler counts each missed second one by one."""
    now = datetime(2026, 11, 28, tzinfo=UTC)
    assert Every(1).get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), now) == now + timedelta(seconds=1)


def test_the_clock_sends_what_a_sign_up_owes(settings):
    from subscribers.consent import Source, sign_up
    from subscribers.lists import add_list
    from subscribers.models import SourceKind
    from subscribers.wordings import shown_by

    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    letter = add_list("harbour", "The Harbour Letter")
    sign_up(letter, "amara@example.com", Source(SourceKind.FORM), wording=shown_by(letter))
    assert mail.outbox == []
    owed = next(chore for chore in CHORES if "sign-ups" in chore.name)
    done(owed)
    assert [message.to for message in mail.outbox] == [["amara@example.com"]]


def test_every_chore_has_nothing_to_do_on_an_empty_database():
    assert [chore.name for chore in CHORES if chore.do_one()] == []
    assert timezone.now().utcoffset().total_seconds() == 0


def test_a_clock_gives_a_sign_that_any_process_can_read():
    assert scheduler_heartbeat.since() is None
    done(next(chore for chore in CHORES if chore.name == "give a sign"))
    assert scheduler_heartbeat.since().total_seconds() < 5
