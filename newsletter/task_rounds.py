"""Decide, every second, which tasks of the scheduler begin.

A task that found nothing to do would find nothing again while nobody changes the database, except what only becomes
due with time. So a task with `seconds_at_rest` looks soon after each commit, and otherwise at this longer interval.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event

from django.db import close_old_connections

from newsletter.sending.repeated_failures import RepeatedWork
from subscribers.database import commit_mark

# Before the first round, and after a failure: whatever the database says, it is something else.
NEVER = "never"


@dataclass(frozen=True)
class Task:
    """One kind of work: `do_one` does one piece and returns a true value if there may be more.

    If a piece may last for minutes, it `takes_should_stop`: a function that says whether it should end.
    """

    name: str
    do_one: Callable[..., object]
    every_seconds: float
    seconds_at_rest: float = 0
    takes_should_stop: bool = False


class TaskRounds:
    """The tasks, and when each began last. `submit` begins the round of one task, in a thread."""

    def __init__(
        self, tasks: Sequence[Task], submit: Callable[[Callable[[], None]], None], stopping: Event
    ) -> None:
        self._rounds = [_Rounds(task, stopping) for task in tasks]
        self._submit = submit

    def begin_what_is_due(self) -> None:
        """Begin one round of each task that is due and is not running."""
        mark, now = _current_mark(), time.monotonic()
        for each in self._rounds:
            if each.is_due(now, mark):
                each.begin(now, mark)
                self._submit(each.run)

    def forget_when_they_began(self) -> None:
        """Let every task be due, such as after the clock was set."""
        for each in self._rounds:
            each.began_at = None


class _Rounds:
    """The rounds of one task, of which only one runs at a time."""

    def __init__(self, task: Task, stopping: Event) -> None:
        self._task, self._stopping = task, stopping
        self._failures = RepeatedWork("the scheduler", task.name)
        self._running, self._mark = False, NEVER
        self.began_at: float | None = None

    def is_due(self, now: float, mark: str) -> bool:
        if self._running or self.began_at is None:
            return not self._running
        rested = now - self.began_at
        if rested < self._task.every_seconds:
            return False
        return mark != self._mark or rested >= self._task.seconds_at_rest

    def begin(self, now: float, mark: str) -> None:
        self._running, self._mark, self.began_at = True, mark, now

    def run(self) -> None:
        if not run_task(self._task, self._stopping, self._failures):
            self._mark = NEVER
        self._running = False


def run_task(task: Task, stopping: Event, work: RepeatedWork) -> bool:
    """Run a task until nothing is left or the scheduler stops. Return whether it came to that.

    An error ends this round and is logged; later rounds follow.
    """
    if work.seconds_to_rest():
        return False
    try:
        close_old_connections()
        do_one = partial(task.do_one, stopping.is_set) if task.takes_should_stop else task.do_one
        while not stopping.is_set() and do_one():
            pass
        work.succeeded()
    except Exception as error:  # noqa: BLE001 - it is logged, and the others go on
        work.failed(error)
        return False
    finally:
        with suppress(Exception):
            close_old_connections()
    return True


def _current_mark() -> str:
    """Return the mark of the last commit. If the database does not answer, every task shall find out."""
    try:
        close_old_connections()
        return commit_mark()
    except Exception:  # noqa: BLE001 - the tasks ask the same database, and log what they meet
        return f"unknown at {time.monotonic()}"
