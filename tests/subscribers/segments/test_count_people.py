"""Counting people with several processes on SQLite: the same number as one query gives, and nothing left behind."""

import os
import signal
import sqlite3
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, Func, Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribers.models import List, Subscription
from subscribers.segments import count_in_process
from subscribers.segments.count_people import count_in_processes, count_people
from subscribers.segments.select_people import chosen, preview
from tests.full import examples
from tests.subscribers.segments.conftest import NOW
from tests.subscribers.segments.test_select_people import add_only, expected, people, person, trees

# Elsewhere, one query counts.
pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("three_processors"),
]


@pytest.fixture
def three_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1, 2})


def counted_here(queries):
    """Whether this process counted."""
    return any("COUNT(" in each["sql"] for each in queries.captured_queries)


def children():
    """The processes that this one started and has not waited for. The tests of a run start others before."""
    found = Path("/proc/self/task").glob("*/children")
    return {int(number) for each in found for number in each.read_text().split()}


@pytest.fixture
def no_process_is_left():
    before = children()
    return lambda: children() <= before


def test_processes_count_whom_plain_python_does(news):
    @settings(max_examples=examples(15))
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
    def the_same(bounds, processes):
        ends = [0, *sorted(bounds), everybody[-1] + 1]
        parts = [Subscription.objects.filter(pk__gte=start, pk__lt=end) for start, end in pairwise(ends)]
        assert count_in_processes(parts, processes) == 14

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


def test_few_people_are_counted_by_one_query_and_many_by_processes(news, no_process_is_left):
    for number in range(3):
        person(news, f"p{number}@example.org")
    with CaptureQueriesContext(connection) as queries:
        assert count_people(chosen("", news), news, many=3) == 3
    assert counted_here(queries)
    with CaptureQueriesContext(connection) as queries:
        assert count_people(chosen("", news), news, many=2) == 3
    assert not counted_here(queries)
    assert no_process_is_left()


def test_a_transaction_counts_what_it_has_not_committed_yet(news):
    with transaction.atomic():
        for number in range(3):
            person(news, f"p{number}@example.org")
        assert count_people(chosen("", news), news, many=1) == 3


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


def test_an_error_is_that_of_one_query_and_no_process_is_left(news, no_process_is_left):
    for number in range(12):
        person(news, f"p{number}@example.org")
    wrong = Q(Func("pk", function="no_such_function", output_field=BooleanField()))
    with pytest.raises(OperationalError, match="no_such_function"):
        count_people(Subscription.objects.filter(wrong), news, many=1)
    assert no_process_is_left()


@pytest.mark.parametrize("program", ["/no/such/program", "/bin/false", "/bin/echo"])
def test_without_processes_one_query_counts(news, program, monkeypatch, no_process_is_left):
    for number in range(12):
        person(news, f"p{number}@example.org")
    monkeypatch.setattr(sys, "executable", program)
    with CaptureQueriesContext(connection) as queries:
        assert count_people(chosen("", news), news, many=1) == 12
    assert counted_here(queries)
    assert no_process_is_left()


def test_an_interrupt_ends_every_process(news, monkeypatch, tmp_path, no_process_is_left):
    for number in range(12):
        person(news, f"p{number}@example.org")
    program = tmp_path / "python"
    # It interrupts us, and would never end.
    program.write_text("#!/bin/sh\ncat > /dev/null\nkill -INT $PPID\nexec tail -f /dev/null\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    # A shell that runs the tests in the background has them ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            count_in_processes([chosen("", news)], 1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert no_process_is_left()


def test_a_process_cannot_change_anything(news):
    path = connection.settings_dict["NAME"]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        count_in_process.count(path, [("DELETE FROM subscribers_list RETURNING 1", [])])
    assert List.objects.count() == 2
