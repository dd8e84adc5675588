"""Back-off: how long to wait before the next attempt, longer after each failure and up to a longest wait."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

# Beyond it the wait would have long been the longest one.
MAX_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Backoff:
    """One rule for waiting.

    `after`: the wait after so many failures in a row, counted from 1.
    `jitter`: the share of a wait that chance may add, so that those who wait do not come back together.
    `most_asked`: a wait that the other side asks for is heeded up to this; None: however long it is.
    """

    after: Callable[[int], timedelta]
    jitter: float = 0.0
    most_asked: timedelta | None = None

    def wait(self, failures: int, *, asked: float = 0.0) -> timedelta:
        """Return the wait after so many failures, or the seconds that the other side asks for if those are longer."""
        if self.most_asked is not None:
            asked = min(asked, self.most_asked.total_seconds())
        seconds = max(self.after(failures).total_seconds(), asked)
        if self.jitter:
            seconds *= random.uniform(1.0, 1.0 + self.jitter)  # noqa: S311 - it spreads load and guards nothing
        return timedelta(seconds=seconds)

    def longest_wait(self, failures: int) -> timedelta:
        """Return the longest that `wait` may answer after so many failures, where `most_asked` limits it."""
        return max(self.after(failures), self.most_asked or timedelta(0)) * (1 + self.jitter)


def doubling(
    first: timedelta, longest: timedelta, *, jitter: float = 0.0, most_asked: timedelta | None = None
) -> Backoff:
    """Return a back-off that doubles with each failure."""
    return Backoff(lambda failures: _within(first, longest, 2.0 ** _doublings(failures)), jitter, most_asked)


def squares(first: timedelta, longest: timedelta) -> Backoff:
    """Return a back-off that grows with the square of the failures: 1, 4, 9 … times the first wait."""
    return Backoff(lambda failures: _within(first, longest, float(failures**2)))


def steps(*waits: timedelta, jitter: float = 0.0, most_asked: timedelta | None = None) -> Backoff:
    """Return a back-off with a wait of its own after each failure; after the last the wait grows no more."""
    return Backoff(lambda failures: waits[min(max(failures, 1), len(waits)) - 1], jitter, most_asked)


def _doublings(failures: int) -> int:
    return min(max(failures, 1) - 1, MAX_DOUBLINGS)


def _within(first: timedelta, longest: timedelta, times: float) -> timedelta:
    return timedelta(seconds=min(first.total_seconds() * times, longest.total_seconds()))
