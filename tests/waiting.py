"""Waits that have a bound, which grows with how busy the machine is, and that say what they waited for."""

import os
import time
from threading import Event

SECONDS = 120


def lease_duration(seconds=SECONDS):
    """How long to wait for what takes far less on an idle machine: longer, the more processes want each core."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def until(condition, what, *, seconds=SECONDS, every=0.02):
    """Return what `condition()` returns once that is true; `what` completes "We waited 120 seconds for …".

    It is asked `every` so many seconds: seldom, where asking takes long.
    """
    allowed = lease_duration(seconds)
    end = time.monotonic() + allowed
    between = Event()
    while not (found := condition()):
        assert time.monotonic() < end, f"We waited {allowed:.0f} seconds for {what}, which did not come."
        between.wait(every)
    return found


def arrives(event, what, seconds=SECONDS):
    """Wait until a `threading.Event` is set."""
    allowed = lease_duration(seconds)
    assert event.wait(allowed), f"We waited {allowed:.0f} seconds for {what}, which did not come."
