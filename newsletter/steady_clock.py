"""A clock that nobody can set and that runs while the machine is suspended, for leases and deadlines.

On Linux, `time.monotonic` stops while the machine sleeps, and a post could then be sent long after its time.
Source: https://man7.org/linux/man-pages/man2/clock_gettime.2.html (CLOCK_BOOTTIME)
"""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Return seconds since some moment in the past. Only differences since the last start of the machine are
    meaningful.
    """
    return time.clock_gettime(_CLOCK)
