"""Wait for a time measured by a clock that nobody can set."""

import threading


def wait(seconds: float) -> None:
    """Wait for this many seconds.

    `time.sleep` asks the system to wake it at a time, which fails where a clock is faked; this waits for a duration.
    """
    threading.Event().wait(seconds)
