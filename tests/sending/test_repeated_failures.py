"""Work that fails is tried again, later each time; what repeats is written down once, and so is that it is well."""

import errno
import sqlite3
from contextlib import closing

import pytest
from django.db import OperationalError, connection

from newsletter.errors import Unreachable
from newsletter.sending.models import FailingWork
from newsletter.sending.repeated_failures import RepeatedWork, describe_error

pytestmark = pytest.mark.django_db


class Steady:
    """A clock that stands until it is moved on."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def steady():
    return Steady()


@pytest.fixture
def work(steady):
    work = RepeatedWork("the worker", "send due batches", now=steady)
    work.succeeded()
    return work


def fail_for(work, steady, seconds, error=None):
    """Fail as often as a loop that rests as it is told; gives how long it rested each time."""
    end, rests = steady.seconds + seconds, []
    while steady.seconds < end:
        rests.append(work.failed(error or ValueError("odd")))
        steady.seconds += rests[-1]
    return rests


def test_each_failure_makes_it_rest_longer_and_never_more_than_a_minute(work, steady):
    assert fail_for(work, steady, 200) == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    work.succeeded()
    assert work.failed(ValueError()) == 1


def test_threads_that_fail_at_the_same_thing_at_once_count_once(work):
    assert [work.failed(ValueError()) for _ in range(4)] == [1, 1, 1, 1]


def test_a_locked_database_is_one_line_without_a_traceback(work, caplog, tmp_path):
    with closing(sqlite3.connect(tmp_path / "db", timeout=0)) as one:
        one.execute("BEGIN IMMEDIATE")
        other = sqlite3.connect(tmp_path / "db", timeout=0)
        with closing(other), pytest.raises(sqlite3.OperationalError) as locked:
            other.execute("BEGIN IMMEDIATE")
    failure = OperationalError("database is locked")
    failure.__cause__ = locked.value
    work.failed(failure)
    work.failed(OperationalError("disk I/O error"))

    first, second = caplog.records
    assert "Something else was writing to the database for too long" in first.getMessage()
    assert first.exc_info is None
    assert second.exc_info is not None


def test_what_is_over_within_a_minute_is_written_down_nowhere(work, steady):
    fail_for(work, steady, 30)
    work.succeeded()
    assert not FailingWork.objects.exists()


def test_what_repeats_is_written_down_once_and_so_is_that_it_is_well(work, steady):
    fail_for(work, steady, 600)
    [row] = FailingWork.objects.all()
    assert (row.name, row.error, row.recovered_at) == (work.name, "ValueError", None)
    assert row.times >= 10
    assert row.failed_at > row.since
    work.succeeded()
    row.refresh_from_db()
    assert row.recovered_at is not None


def test_what_an_earlier_process_left_failing_is_well_once_it_succeeds(work, steady):
    fail_for(work, steady, 600)
    RepeatedWork("the worker", "send due batches").succeeded()
    assert FailingWork.objects.get().recovered_at is not None


def test_what_fails_again_soon_is_the_same_failure(work, steady):
    fail_for(work, steady, 600)
    since = FailingWork.objects.get().since
    work.succeeded()
    fail_for(work, steady, 600)
    row = FailingWork.objects.get()
    assert (row.since, row.recovered_at) == (since, None)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_is_no_reason_to_end(work, steady, caplog):
    with connection.execute_wrapper(broken):
        rests = fail_for(work, steady, 600)
        work.succeeded()
    assert len(rests) > 10
    assert "Could not record this failure: OperationalError" in caplog.text
    fail_for(work, steady, 600)
    assert FailingWork.objects.get().recovered_at is None


def broken(*_arguments):
    raise OperationalError("gone")


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "OSError: Too many open files"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/srv/sending"),
            "Permission denied (/srv/sending)",
        ),
        (MemoryError(), "MemoryError"),
        (KeyError("ana@example.org"), "KeyError"),
        (Unreachable("PostgreSQL does not answer."), "PostgreSQL does not answer."),
        (Unreachable("It said: ana@example.org is unknown."), "It said: (address) is unknown."),
    ],
)
def test_of_an_error_is_kept_what_names_nobody(error, kept):
    assert kept in describe_error(error)
    assert "ana" not in describe_error(error)


def test_a_name_says_what_and_where(work):
    assert work.name.startswith("send due batches (the worker on ")
