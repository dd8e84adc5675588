"""What one fetch of a source may use, over all its pages: seconds, bytes and computing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from newsletter.http.fetch import Limits
from newsletter.steady_clock import steady_seconds


@dataclass(slots=True)
class FetchBudget:
    """What is left. Only the time in which the source is read counts, not the time in which others are stored."""

    seconds: float
    size: int
    cpu_seconds: float

    @classmethod
    def whole(cls) -> "FetchBudget":
        """Return the budget of a fetch that begins."""
        allowed = settings.NEWSLETTER
        return cls(allowed.fetch_timeout_seconds, allowed.fetch_max_bytes, allowed.fetch_cpu_seconds)

    @property
    def is_spent(self) -> bool:
        """Whether nothing more can be read."""
        return min(self.seconds, self.size, self.cpu_seconds) <= 0

    def limits(self, host: str) -> Limits:
        """Return what the fetch of the next page may use, at this host alone."""
        return Limits(seconds=self.seconds, largest=self.size, only_host=host)

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time of what runs within, in this thread."""
        began, cpu_began = steady_seconds(), time.thread_time()
        try:
            yield
        finally:
            self.seconds -= steady_seconds() - began
            self.cpu_seconds -= time.thread_time() - cpu_began
