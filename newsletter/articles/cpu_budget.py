"""How much work a source may ask for: seconds of CPU of the thread that reads it, looked at inside the work.

Seconds of CPU and not of a clock, so that a busy machine refuses nothing that an idle one would read.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any

from django.conf import settings

from newsletter.errors import Refused

_CALLS_BETWEEN_LOOKS = 2_000

_ends: ContextVar[float | None] = ContextVar("cpu_budget_ends", default=None)


class _Spent(BaseException):
    """Raised through a library that would catch any Exception."""


@contextmanager
def cpu_budget(of: str, *, at_most: float | None = None) -> Iterator[None]:
    """Let what runs within, in this thread, take the seconds of NEWSLETTER_FETCH_CPU_SECONDS, or fewer, and no more.

    Within another budget that one goes on. Raises Refused with a sentence that begins with `of`, as soon as
    `look_at_budget` finds that they are spent.
    """
    if _ends.get() is not None:
        yield
        return
    seconds = settings.NEWSLETTER.fetch_cpu_seconds
    token = _ends.set(time.thread_time() + (seconds if at_most is None else at_most))
    try:
        yield
    except _Spent:
        raise Refused(
            f"{of} takes more than {seconds:g} seconds of processor time to read. Ask its publisher to make "
            "it shorter or simpler, or increase NEWSLETTER_FETCH_CPU_SECONDS."
        ) from None
    finally:
        _ends.reset(token)


def look_at_budget() -> None:
    """Stop where the budget around this call is spent; without one, do nothing."""
    ends = _ends.get()
    if ends is not None and time.thread_time() > ends:
        raise _Spent


@contextmanager
def budget_looked_at_in_calls() -> Iterator[None]:
    """Look at the budget while a library works that offers no place to do so: at every 2,000th call in this thread.

    It costs such a library about half of its speed.
    """
    before = sys.getprofile()
    sys.setprofile(_looking())
    try:
        yield
    finally:
        sys.setprofile(before)


def _looking() -> Callable[[FrameType, str, Any], None]:
    calls = 0

    def look(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal calls
        calls += 1
        if calls % _CALLS_BETWEEN_LOOKS == 0:
            look_at_budget()

    return look
