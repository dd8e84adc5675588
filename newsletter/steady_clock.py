"""A clock that nobody sets, and that goes on while the machine is suspended: for leases and deadlines.

`time.monotonic` stands still on Linux while the machine sleeps, and a post would then leave long after its time.
Source: https://man7.org/linux/man-pages/man2/clock_gettime.2.html (CLOCK_BOOTTIME)
"""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Seconds since some moment in the past; only differences within one start of the machine mean something."""
    return time.clock_gettime(_CLOCK)
