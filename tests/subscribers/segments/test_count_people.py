"""Counting people with several threads on SQLite: the same number as one query gives, and nothing left behind."""

import os
import signal
import threading
from datetime import UTC, datetime
from itertools import pairwise
from sqlite3 import ProgrammingError

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.db.backends.signals import connection_created
from django.db.models import BooleanField, Func, Q
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.models import List, Subscriber, Subscription, Topic
from subscribers.segments.count_people import count_in_threads, count_people
from subscribers.segments.select_people import chosen, preview
from tests.full import examples
from tests.subscribers.segments.test_select_people import add_only, expected, people, person, trees
from tests.waiting import until

# Elsewhere, one query counts.
pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("three_processors"),
]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def three_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1, 2})


@pytest.fixture
def news():
    with time_machine.travel(NOW, tick=False):
        news = List.objects.create(slug="news", name="The News")
        List.objects.create(slug="other", name="Other")
        for slug in ("prostate", "diet"):
            Topic.objects.create(list=news, slug=slug, name=slug.title())
        yield news


@pytest.fixture
def opened():
    """Each connection that was opened, with the name of its thread."""
    found = []

    def note(connection, **_signal):
        found.append((threading.current_thread().name, connection.connection))

    connection_created.connect(note)
    yield found
    connection_created.disconnect(note)


def nothing_is_left_of(opened):
    """Whether threads have opened connections, all of these are closed, and no thread counts any more."""
    for _thread, raw in opened:
        with pytest.raises(ProgrammingError, match="closed database"):
            raw.execute("SELECT 1")
    return opened and not counting_now()


def counting_now():
    return [each for each in threading.enumerate() if each.name.startswith("count")]


def test_threads_count_whom_plain_python_does(news):
    @settings(max_examples=examples(25))
    @given(st.lists(people, min_size=2, max_size=12), trees)
    def the_same(found, tree):
        add_only(found, news)
        count = count_people(chosen(str(tree), news), news, many=1)
        assert count == len(expected(tree, found)) == chosen(str(tree), news).count(), str(tree)

    the_same()


def test_the_parts_can_be_of_any_size_and_have_nobody(news):
    everybody = [person(news, f"p{number}@example.org").pk for number in range(20)]
    Subscription.objects.filter(pk__in=everybody[3:9]).delete()

    @settings(max_examples=examples(15))
    @given(st.lists(st.integers(everybody[0], everybody[-1] + 1), max_size=12), st.integers(1, 4))
    def the_same(bounds, threads):
        ends = [0, *sorted(bounds), everybody[-1] + 1]
        parts = [Subscription.objects.filter(pk__gte=start, pk__lt=end) for start, end in pairwise(ends)]
        assert count_in_threads(parts, threads) == 14

    the_same()


def test_somebody_on_two_lists_counts_once_on_all_lists(news):
    other = List.objects.get(slug="other")
    for number in range(9):
        both = person(news, f"p{number}@example.org")
        if number % 2:
            Subscription.objects.create(subscriber=both.subscriber, list=other, state="active", joined_at=NOW)
    found = chosen("joined is known")
    assert (found.count(), count_people(found, None, many=1), preview("").count) == (13, 9, 9)
    assert count_people(chosen("", other), other, many=1) == 4


def test_few_people_are_counted_by_one_query_without_a_thread(news, opened):
    for number in range(3):
        person(news, f"p{number}@example.org")
    assert count_people(chosen("", news), news, many=3) == 3
    assert opened == []
    assert count_people(chosen("", news), news, many=2) == 3
    assert opened
    assert all(thread.startswith("count") for thread, _connection in opened)
    assert nothing_is_left_of(opened)


def test_a_transaction_counts_what_it_has_not_committed_yet(news, opened):
    with transaction.atomic():
        for number in range(3):
            person(news, f"p{number}@example.org")
        assert count_people(chosen("", news), news, many=1) == 3
    assert opened == []


def test_a_count_beside_changes_is_off_by_no_more_than_these_and_delays_no_writer(news):
    numbers = [person(news, f"p{number}@example.org", attributes={"a": "b"}).pk for number in range(40)]
    changing, end = Subscription.objects.filter(pk__in=numbers[::8]), threading.Event()
    changes = []

    def change():
        try:
            while not end.is_set() and len(changes) < 10_000:
                state = "unsubscribed" if len(changes) % 2 else "active"
                changes.append(changing.update(state=state))
        finally:
            connection.close()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        counts = [count_people(chosen("a is b", news), news, many=1) for _ in range(20)]
    finally:
        end.set()
        thread.join()
    assert all(35 <= count <= 40 for count in counts), counts
    assert changes == [5] * len(changes)
    changing.update(state="active")
    assert count_people(chosen("a is b", news), news, many=1) == 40


def test_an_error_in_one_thread_is_raised_and_closes_every_connection(news, opened):
    for number in range(12):
        person(news, f"p{number}@example.org")
    wrong = Q(Func("pk", function="no_such_function", output_field=BooleanField()))
    with pytest.raises(OperationalError, match="no_such_function"):
        count_people(Subscription.objects.filter(wrong), news, many=1)
    assert nothing_is_left_of(opened)
    assert count_people(chosen("", news), news, many=1) == 12


def test_an_interrupt_ends_the_count_and_leaves_no_thread_and_no_connection(news, opened):
    for number in range(12):
        person(news, f"p{number}@example.org")
    main = threading.main_thread().ident

    def interrupt(**_signal):
        if len(opened) == 1:
            signal.pthread_kill(main, signal.SIGINT)

    connection_created.connect(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            count_people(chosen("", news), news, many=1)
    finally:
        connection_created.disconnect(interrupt)
    # An interrupt while a thread is being started does not wait for it, but ends it too.
    until(lambda: not counting_now(), "the end of the threads")
    assert nothing_is_left_of(opened)


def test_the_threads_cannot_change_anything(news):
    person(news, "ada@example.org")
    seen = []

    class Writing:
        def count(self):
            with pytest.raises(OperationalError, match="readonly"):
                Subscriber.objects.all().delete()
            seen.append(threading.current_thread().name)
            return 1

    assert count_in_threads([Writing(), Writing()], 2) == 2
    assert len(seen) == 2
    assert Subscriber.objects.count() == 1
