"""A clock on the wall that a test can set while processes run: libfaketime, which leaves the monotonic clock alone.

https://github.com/wolfcw/libfaketime
"""

from datetime import timedelta
from pathlib import Path

import pytest


class FakedClock:
    """What processes that are started with `environment` take for the time."""

    def __init__(self, library, folder):
        self._file = folder / "faked-clock"
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.set(timedelta(0))

    def set(self, ahead):
        """Set the clock so far ahead of the true time; below zero: behind it."""
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(f"{ahead.total_seconds():+.0f}\n", encoding="ascii")
        unfinished.replace(self._file)


def faked_clock(folder):
    """A clock to set, or a skipped test where libfaketime is not installed."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.skip("libfaketime is not installed (Debian: apt install libfaketime).")
    return FakedClock(library, folder)
