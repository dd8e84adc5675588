"""Threads for pieces of work that usually end at once: two, and another for each piece that nobody begins.

Each thread has memory and a connection to the database of its own, so there are only as many as are needed.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread, current_thread

from django.db import connections

Work = Callable[[], None]
USUAL_THREADS = 2


class ThreadPool:
    """Works on what is submitted, in order. Call `relieve` regularly: it adds threads where work waits.

    The work must not raise anything.
    """

    def __init__(self, usual: int = USUAL_THREADS) -> None:
        self._usual = usual
        self._changed = Condition()
        self._waiting: deque[Work] = deque()
        self._waited_already: set[Work] = set()
        self._threads: set[Thread] = set()
        self._idle, self._closing = 0, False

    def submit(self, work: Work) -> None:
        """Begin a piece of work as soon as a thread is free."""
        with self._changed:
            self._waiting.append(work)
            if self._idle >= len(self._waiting):
                self._changed.notify()
            elif len(self._threads) < self._usual:
                self._start_thread()

    def relieve(self) -> None:
        """Start a thread for each piece of work that was waiting at the last call already. It ends when it is done."""
        with self._changed:
            for _work in self._waited_already.intersection(self._waiting):
                self._start_thread()
            self._waited_already = set(self._waiting)

    def close(self) -> None:
        """Wait until the work that has begun has ended. Begin no more."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            threads = list(self._threads)
        for each in threads:
            each.join()

    def _start_thread(self) -> None:
        thread = Thread(target=self._run, name="task")
        self._threads.add(thread)
        thread.start()

    def _run(self) -> None:
        try:
            while work := self._next():
                work()
        finally:
            with self._changed:
                self._threads.discard(current_thread())
            connections.close_all()

    def _next(self) -> Work | None:
        """Return the next piece of work. None if this thread should end."""
        with self._changed:
            while not self._closing:
                if self._waiting:
                    return self._waiting.popleft()
                if len(self._threads) > self._usual:
                    self._threads.discard(current_thread())
                    return None
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
        return None
