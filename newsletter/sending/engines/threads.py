"""Runs one loop in several threads: what both local engines share."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def run_in_threads(count: int, work: Callable[[], None], *, stop: Callable[[], None]) -> None:
    """Run `work` in so many threads, or here when it is one. A fault in a thread stops the others, and is raised."""
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
