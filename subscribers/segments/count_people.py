"""Counts people, on SQLite with several processes if there are many.

PostgreSQL shares a long query among its processes. SQLite answers a query in one thread, and threads of one process
wait for each other whenever it needs memory. So several processes count the people in ranges of numbers, each with a
connection that only reads. A connection sees the database as it was when it began a range. The sum therefore belongs to
about one moment: somebody who joins or leaves meanwhile may be in it or not, but nobody is counted twice.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.db.models import QuerySet

from subscribers.database import is_sqlite
from subscribers.models import List, Subscription

if TYPE_CHECKING:
    from django.db.backends.sqlite3.base import DatabaseWrapper

# A process takes a twentieth of a second to start, in which one query reads this many people with three details.
MANY = 50_000
MOST_PROCESSES = 4
# More than one, because the numbers of people of other lists are missing.
RANGES_FOR_EACH_PROCESS = 4
LONGEST_SECONDS = 60.0
_PLACEHOLDER = re.compile(r"(?<!%)%s")
People = QuerySet[Subscription, Any]


def count_people(found: People, mailing_list: List | None, *, many: int = MANY) -> int:
    """Return how many people a query finds among the active subscriptions of a list.

    Without a list, somebody on several lists counts once. If `many` people or fewer are on the list, one query counts.
    """
    number = "pk" if mailing_list else "subscriber_id"
    if mailing_list is None:
        found = found.order_by().values("subscriber_id").distinct()
    if (processes := counting_processes()) == 1:
        return found.count()
    among = Subscription.objects.filter(state=Subscription.State.ACTIVE)
    if mailing_list is not None:
        among = among.filter(list=mailing_list)
    numbers = among.order_by(number).values_list(number, flat=True)
    if not numbers[many : many + 1]:
        return found.count()
    first, last = numbers[0], numbers.reverse()[0]
    count = processes * RANGES_FOR_EACH_PROCESS
    bounds = [first + (last + 1 - first) * each // count for each in range(count + 1)]
    ranges = [
        found.filter(**{f"{number}__gte": start, f"{number}__lt": end}) for start, end in pairwise(bounds)
    ]
    total = count_in_processes(ranges, processes)
    # One query says what is wrong, if anything is.
    return found.count() if total is None else total


def count_in_processes(parts: Sequence[People], processes: int) -> int | None:
    """Return the sum of the counts of several queries that find different people, or None if a process failed."""
    statements = [_statement(part) for part in parts]
    path = str(connection.settings_dict["NAME"])
    with ExitStack() as ends:
        try:
            asked = [
                json.dumps({"path": path, "statements": statements[first::processes]})
                for first in range(processes)
            ]
            started = [_begin(each, ends) for each in asked]
            answers = [process.communicate(timeout=LONGEST_SECONDS)[0] for process in started]
        except (OSError, TypeError, subprocess.TimeoutExpired):
            return None
    if any(process.returncode for process in started):
        return None
    with suppress(ValueError):
        return sum(map(int, answers))
    return None


def counting_processes() -> int:
    """Return how many processes can count people: 1 if other connections do not see what this one sees."""
    if not is_sqlite() or connection.in_atomic_block or not connection.get_autocommit():
        return 1
    if cast("DatabaseWrapper", connection).is_in_memory_db():
        return 1
    return min(MOST_PROCESSES, len(os.sched_getaffinity(0)))


def _begin(asked: str, ends: ExitStack) -> "subprocess.Popen[str]":
    """Start a process and tell it what to count. It ends with `ends` at the latest."""
    process = ends.enter_context(
        subprocess.Popen(
            [sys.executable, "-P", "-m", "subscribers.segments.count_in_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    )
    ends.callback(_end, process)
    if process.stdin is not None:
        process.stdin.write(asked)
        process.stdin.close()
        process.stdin = None
    return process


def _end(process: "subprocess.Popen[str]") -> None:
    # After an interrupt, the process would go on for some seconds.
    process.kill()
    process.wait()


def _statement(part: People) -> tuple[str, list[Any]]:
    """Return the query that counts a part, as SQLite takes it, and its parameters."""
    values = part if part.query.distinct else part.order_by().values("pk")
    query, parameters = values.query.sql_with_params()
    query = _PLACEHOLDER.sub("?", query).replace("%%", "%")
    return f"SELECT count(*) FROM ({query})", list(parameters)  # noqa: S608 - Django's own query
