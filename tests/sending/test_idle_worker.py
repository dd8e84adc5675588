"""A worker of the engine `local` with nothing to send: one of its threads asks the database, and the others wait."""

import threading
from collections import Counter

import pytest
from django.db.backends.signals import connection_created

from newsletter.sending.engines import local_worker, make_worker
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from tests.sending.test_engines import in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = 5


@pytest.fixture
def on_each_query():
    """`on_each_query(act)` calls `act` with the name of each thread that is about to ask the database."""
    watching = []

    def watch(act):
        def before(execute, sql, parameters, many, context):
            act(threading.current_thread().name)
            return execute(sql, parameters, many, context)

        def add(connection, **_rest):
            connection.execute_wrappers.append(before)

        connection_created.connect(add)
        watching.append(add)

    yield watch
    for add in watching:
        connection_created.disconnect(add)


def test_only_one_thread_of_an_idle_worker_asks_the_database(transactional_db, on_each_query, monkeypatch):
    monkeypatch.setattr(local_worker, "LOOK_AGAIN_SECONDS", 0.01)
    asked, looked = Counter(), threading.Event()

    def count(thread):
        asked[thread] += 1
        if max(asked.values()) > LOOKS:
            looked.set()

    on_each_query(count)
    working = make_worker("local", threads=4)
    with in_a_thread(working):
        try:
            assert looked.wait(30)
        finally:
            working.stop()
    assert len([thread for thread in asked if thread.startswith("sending")]) == 1


@pytest.mark.postgresql
def test_the_others_send_while_the_thread_that_looks_is_stuck(mailing, on_each_query, monkeypatch):
    monkeypatch.setattr(local_worker, "STUCK_SECONDS", 0.1)
    first, sent, over = {}, threading.Event(), threading.Event()

    def keep_the_first(thread):
        if thread.startswith("sending") and first.setdefault("thread", thread) == thread:
            over.wait(60)

    on_each_query(keep_the_first)
    numbers = []

    def add(delivery):
        numbers.append(delivery.batch)
        if len(numbers) == mailing.batches.count():
            sent.set()

    working = make_worker("local", threads=2, on_progress=add)
    with in_a_thread(working):
        try:
            assert sent.wait(30)
        finally:
            over.set()
            working.stop()
    assert count_recipients(mailing) == RecipientCounts(audience=10, accepted=10)
