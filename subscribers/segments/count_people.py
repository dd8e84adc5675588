"""Counts people, on SQLite with several processors if there are many.

PostgreSQL shares a long query among its processes. SQLite answers a query in one thread, but Python lets other threads
run meanwhile. So several threads count the people in ranges of numbers, each with a connection of its own that only
reads. A connection sees the database as it was when it began a range. The sum therefore belongs to about one moment:
somebody who joins or leaves meanwhile may be in it or not, but nobody is counted twice.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.db.models import QuerySet

from subscribers.database import is_sqlite
from subscribers.models import List, Subscription

if TYPE_CHECKING:
    from django.db.backends.sqlite3.base import DatabaseWrapper

# A thread and its connection take some milliseconds, and so does the count of this many people with three details.
MANY = 20_000
MOST_THREADS = 4
# More than one, because the numbers of people of other lists are missing, and other work can take a processor away.
RANGES_FOR_EACH_THREAD = 6
People = QuerySet[Subscription, Any]


def count_people(found: People, mailing_list: List | None, *, many: int = MANY) -> int:
    """Return how many people a query finds among the active subscriptions of a list.

    Without a list, somebody on several lists counts once. If `many` people or fewer are on the list, one query counts.
    """
    number = "pk" if mailing_list else "subscriber_id"
    if mailing_list is None:
        found = found.order_by().values("subscriber_id").distinct()
    if (threads := counting_threads()) == 1:
        return found.count()
    among = Subscription.objects.filter(state=Subscription.State.ACTIVE)
    if mailing_list is not None:
        among = among.filter(list=mailing_list)
    numbers = among.order_by(number).values_list(number, flat=True)
    if not numbers[many : many + 1]:
        return found.count()
    first, last = numbers[0], numbers.reverse()[0]
    count = threads * RANGES_FOR_EACH_THREAD
    bounds = [first + (last + 1 - first) * each // count for each in range(count + 1)]
    ranges = [
        found.filter(**{f"{number}__gte": start, f"{number}__lt": end}) for start, end in pairwise(bounds)
    ]
    return count_in_threads(ranges, threads)


def count_in_threads(parts: Sequence[People], threads: int) -> int:
    """Return the sum of the counts of several queries that find different people, on SQLite."""
    waiting: SimpleQueue[People] = SimpleQueue()
    for part in parts:
        waiting.put(part)
    with ThreadPoolExecutor(threads, thread_name_prefix="count") as pool:
        try:
            return sum(pool.map(_count_next_ones, [waiting] * threads))
        finally:
            # After an interrupt, each thread ends when it has counted its part.
            _take_all(waiting)


def counting_threads() -> int:
    """Return how many threads can count people: 1 if other connections do not see what this one sees."""
    if not is_sqlite() or connection.in_atomic_block or not connection.get_autocommit():
        return 1
    if cast("DatabaseWrapper", connection).is_in_memory_db():
        return 1
    return min(MOST_THREADS, len(os.sched_getaffinity(0)))


def _count_next_ones(waiting: "SimpleQueue[People]") -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = ON")
        return sum(part.count() for part in _each(waiting))
    finally:
        # After an error, the other threads need not go on.
        _take_all(waiting)
        connection.close()


def _each(waiting: "SimpleQueue[People]") -> Iterator[People]:
    while True:
        try:
            yield waiting.get_nowait()
        except Empty:
            return


def _take_all(waiting: "SimpleQueue[People]") -> None:
    for _part in _each(waiting):
        pass
