"""Stop a process by SIGTERM or Ctrl-C, whatever its threads are waiting for.

The operating system delivers a signal to any thread, but Python runs its handler only when the main thread wakes
up, and that may be waiting for all the others. So a separate thread reads what the signal writes to a pipe.
https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
"""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType

log = logging.getLogger(__name__)

# The exit code that a shell reports after Ctrl-C.
INTERRUPTED = 128 + signal.SIGINT


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """While inside, SIGTERM and the first Ctrl-C call `stop`, in another thread. A second Ctrl-C ends the
    process.

    Enter this in the main thread, before the work starts.
    """
    heard, leaves = os.pipe()
    # The handler that writes must never block.
    os.set_blocking(leaves, False)
    before_fd = signal.set_wakeup_fd(leaves, warn_on_full_buffer=False)
    before = {number: signal.signal(number, _left_in_the_pipe) for number in (signal.SIGTERM, signal.SIGINT)}
    listening = Thread(target=_listen, args=(heard, stop), name="signals", daemon=True)
    listening.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before_fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(leaves)
        listening.join()
        os.close(heard)


def _left_in_the_pipe(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. Without a handler, the signal would not reach the pipe."""


def _listen(heard: int, stop: Callable[[], None]) -> None:
    asked = False
    while number := os.read(heard, 1):
        if number[0] == signal.SIGINT and asked:
            # A batch that was being sent is recognised by its lease, as after a power cut.
            os._exit(INTERRUPTED)
        if number[0] in {signal.SIGINT, signal.SIGTERM}:
            asked = True
            try:
                stop()
            except Exception:
                log.exception("We received the signal to stop, but stopping failed.")
