"""The clock does each task until nothing is left, whatever happens to another, and stops when it is told to."""

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.core import mail
from django.utils import timezone

from newsletter.instance import process_heartbeats
from newsletter.scheduler import TASKS, EverySeconds, running_scheduler
from newsletter.sending.repeated_failures import RepeatedWork
from newsletter.task_rounds import Task, run_task

pytestmark = pytest.mark.django_db(transaction=True)


def done(task, stopping=None):
    """Do a task as the scheduler does."""
    run_task(task, stopping or Event(), RepeatedWork("the scheduler", task.name))


def test_a_chore_is_done_until_nothing_is_left():
    left = [1, 2, 3]
    done(Task("count", lambda: left.pop() if left else None, 1))
    assert left == []


def test_a_fault_is_logged_and_does_not_stop_the_clock(caplog):
    def fail():
        raise OSError("the disk is full")

    done(Task("write it down", fail, 5))
    assert "write it down" in caplog.text
    assert "the disk is full" in caplog.text


def test_a_chore_that_failed_rests_and_is_not_tried_at_every_tick():
    tries, work = [], RepeatedWork("the scheduler", "open the gate")

    def fail():
        tries.append(1)
        raise MemoryError

    task = Task("open the gate", fail, 1)
    for _ in range(3):
        run_task(task, Event(), work)
    assert tries == [1]


def test_a_clock_that_stops_leaves_the_rest_for_the_next():
    stopping = Event()
    pieces = []

    def do_one():
        pieces.append(1)
        stopping.set()
        return True

    done(Task("go on for ever", do_one, 1), stopping)
    assert pieces == [1]


def test_every_chore_begins_at_once_and_one_fault_holds_up_no_other():
    begun, others = Event(), Event()

    def fail():
        begun.set()
        raise ValueError("no")

    with running_scheduler([Task("fail", fail, 60), Task("go on", others.set, 60)]):
        assert begun.wait(5)
        assert others.wait(5)


def test_a_clock_set_forward_by_decades_makes_up_for_no_round_that_was_missed():
    """A machine without a battery begins in 1970; APScheduler counts each missed second one by one."""
    now = datetime(2026, 11, 28, tzinfo=UTC)
    assert EverySeconds(1).get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), now) == now + timedelta(
        seconds=1
    )


def test_the_clock_sends_what_a_sign_up_owes(settings):
    from subscribers.consent import ConsentSource, sign_up
    from subscribers.consent_wordings import wording_shown
    from subscribers.lists import add_list
    from subscribers.models import SourceKind

    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    email = add_list("harbour", "The Harbour Letter")
    sign_up(email, "amara@example.com", ConsentSource(SourceKind.FORM), wording=wording_shown(email))
    assert mail.outbox == []
    owed = next(task for task in TASKS if "confirmation" in task.name)
    done(owed)
    assert [message.to for message in mail.outbox] == [["amara@example.com"]]


def test_every_chore_has_nothing_to_do_on_an_empty_database():
    assert [task.name for task in TASKS if task.do_one()] == []
    assert timezone.now().utcoffset().total_seconds() == 0


def test_a_clock_gives_a_sign_that_any_process_can_read():
    assert process_heartbeats.heartbeat_age() is None
    done(next(task for task in TASKS if task.name == "record that the scheduler is running"))
    assert process_heartbeats.heartbeat_age().total_seconds() < 5
