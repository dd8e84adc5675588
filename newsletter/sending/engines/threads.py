"""Runs one loop in several threads, and makes garbage collection rare for any engine."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection

# The threads together hold fewer recipients than this at once.
OBJECTS_BEFORE_A_SEARCH = 50_000


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Collect cyclic garbage less often inside: the thousands of recipients of a batch are in no cycle."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_BEFORE_A_SEARCH, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@rare_garbage_collection()
def run_in_threads(count: int, work: Callable[[], None], *, stop: Callable[[], None]) -> None:
    """Run `work` in `count` threads, or here if it is one. An error in a thread stops the others and is raised."""
    if count <= 1:
        work()
        return

    def work_and_hang_up() -> None:
        try:
            work()
        except BaseException:
            stop()
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(count, thread_name_prefix="sending") as pool:
        for future in [pool.submit(work_and_hang_up) for _ in range(count)]:
            future.result()
