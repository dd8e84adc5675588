"""Notice when this machine's clock is set: waits computed from it are then wrong by the same amount.

The wall clock and the monotonic clock advance together until somebody sets the first one, or the machine sleeps.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
# NTP adjusts a clock by far less between two looks. Many small steps add up until they count as a jump.
JUMP_SECONDS = 2.0


@contextmanager
def watching_for_jumps(on_jump: Callable[[], None]) -> Iterator[None]:
    """While inside, call `on_jump` from a thread within two seconds of each jump, and again if it raises."""
    over = Event()
    thread = Thread(target=_watch, args=(on_jump, over), name="clock jumps", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(on_jump: Callable[[], None], over: Event) -> None:
    apart = _apart()
    while not over.wait(LOOK_EVERY_SECONDS):
        now_apart = _apart()
        jumped = now_apart - apart
        if abs(jumped) < JUMP_SECONDS:
            continue
        direction = "forward" if jumped > 0 else "back"
        log.warning("This machine's clock was set %s by %.0f seconds.", direction, abs(jumped))
        try:
            on_jump()
        except Exception:
            log.exception(
                "We could not adjust the retry times to the new clock. We will try again in a second."
            )
        else:
            apart = now_apart


def _apart() -> float:
    return time.time() - time.monotonic()
