"""Tasks begin after each commit, and otherwise rarely; and one that takes long keeps no other waiting."""

from threading import Barrier, Event, Thread

import pytest
from django.db import connection

from newsletter.instance import process_heartbeats
from newsletter.scheduler import running_scheduler
from newsletter.task_rounds import Task, TaskRounds
from newsletter.thread_pool import USUAL_THREADS, ThreadPool
from subscribers.database import commit_mark

pytestmark = pytest.mark.django_db(transaction=True)


def commit_elsewhere():
    """Commit something in another connection."""

    def commit():
        process_heartbeats.record_heartbeat("elsewhere")
        connection.close()

    thread = Thread(target=commit)
    thread.start()
    thread.join()


def rounds_of(task):
    """Return the rounds of one task, done at once, and a list that grows with each."""
    return TaskRounds([task], lambda round_of_task: round_of_task(), Event())


def test_the_mark_stays_until_another_connection_commits():
    before = commit_mark()
    assert commit_mark() == before
    commit_elsewhere()
    assert commit_mark() != before


def test_a_task_at_rest_looks_again_only_after_a_commit():
    looks = []
    rounds = rounds_of(Task("look", lambda: looks.append(1), 0, seconds_at_rest=3_600))
    for _ in range(3):
        rounds.begin_what_is_due()
    assert len(looks) == 1
    commit_elsewhere()
    rounds.begin_what_is_due()
    rounds.begin_what_is_due()
    assert len(looks) == 2


def test_a_task_at_rest_looks_again_after_its_interval_without_any_commit():
    looks = []
    rounds = rounds_of(Task("look", lambda: looks.append(1), 0, seconds_at_rest=0.000_001))
    for _ in range(3):
        rounds.begin_what_is_due()
    assert len(looks) == 3


def test_a_task_that_is_not_due_yet_does_not_begin_after_a_commit():
    looks = []
    rounds = rounds_of(Task("look", lambda: looks.append(1), 3_600, seconds_at_rest=7_200))
    rounds.begin_what_is_due()
    commit_elsewhere()
    rounds.begin_what_is_due()
    assert len(looks) == 1


def test_a_commit_while_a_task_runs_lets_it_look_once_more():
    looks = []

    def look():
        looks.append(1)
        if len(looks) == 1:
            commit_elsewhere()

    rounds = rounds_of(Task("look", look, 0, seconds_at_rest=3_600))
    for _ in range(4):
        rounds.begin_what_is_due()
    assert len(looks) == 2


def test_every_task_is_due_once_the_clock_was_set():
    looks = []
    rounds = rounds_of(Task("look", lambda: looks.append(1), 3_600))
    rounds.begin_what_is_due()
    rounds.forget_when_they_began()
    rounds.begin_what_is_due()
    assert len(looks) == 2


def test_tasks_that_take_long_keep_no_other_waiting():
    """As many as there are threads, and more, wait for one that is begun last."""
    last = Event()
    slow = [Task(f"wait {number}", lambda: last.wait(30) and None, 60) for number in range(2 * USUAL_THREADS)]
    with running_scheduler([*slow, Task("begin", last.set, 60)]):
        assert last.wait(20)


def test_a_pool_has_few_threads_until_work_waits():
    pool, together, done = ThreadPool(usual=1), Barrier(3), []

    def meet():
        together.wait(20)
        done.append(1)

    for number in range(3):
        pool.submit(lambda number=number: meet())
    assert len(pool._threads) == 1
    pool.relieve()
    assert len(pool._threads) == 1
    # Two were waiting last time already.
    pool.relieve()
    together_ended = Event()
    pool.submit(together_ended.set)
    assert together_ended.wait(20)
    pool.close()
    assert done == [1, 1, 1]
    assert pool._threads == set()


def test_a_closed_pool_finishes_what_began_and_begins_no_more():
    pool, begun, may_end, ended = ThreadPool(usual=1), Event(), Event(), []

    def work():
        begun.set()
        may_end.wait(20)
        ended.append("first")

    pool.submit(work)
    pool.submit(lambda: ended.append("second"))
    assert begun.wait(20)
    closing = Thread(target=pool.close)
    closing.start()
    while not pool._closing:
        pass
    may_end.set()
    closing.join(20)
    assert ended == ["first"]
