"""Waits for a program that copies or restores a backup, for hours if need be, and meanwhile shows that we are alive."""

import subprocess
import time
from collections.abc import Callable

from newsletter.errors import NewsletterError

LOOK_SECONDS = 0.5


def wait_for_process(
    process: "subprocess.Popen[bytes]",
    look: Callable[[], None],
    *,
    at_most_seconds: float,
    too_long: NewsletterError,
) -> None:
    """Wait until a process has ended, and call `look` every half second.

    Raises `too_long` if it takes too long, and whatever `look` raises. The process is ended first.
    """
    until = time.monotonic() + at_most_seconds
    try:
        while process.poll() is None:
            look()
            try:
                process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                if time.monotonic() > until:
                    raise too_long from None
    finally:
        process.kill()
        process.wait()
