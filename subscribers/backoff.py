"""Back-off: how long to wait before the next attempt. The wait grows with each failure, up to a maximum."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

# Beyond this, the wait would long have reached its maximum.
MAX_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Backoff:
    """A rule for waiting.

    `after`: the wait after a number of failures in a row, counted from 1. `jitter`: the random share that is
    added to a wait, so that clients do not return all at once. `most_asked`: the maximum wait that the other side
    may ask for. None means any wait.
    """

    after: Callable[[int], timedelta]
    jitter: float = 0.0
    most_asked: timedelta | None = None

    def wait(self, failures: int, *, asked: float = 0.0) -> timedelta:
        """Return the wait after this number of failures, or the seconds that the other side asks for if that is
        longer.
        """
        if self.most_asked is not None:
            asked = min(asked, self.most_asked.total_seconds())
        seconds = max(self.after(failures).total_seconds(), asked)
        if self.jitter:
            seconds *= random.uniform(1.0, 1.0 + self.jitter)  # noqa: S311 - it spreads load and guards nothing
        return timedelta(seconds=seconds)

    def longest_wait(self, failures: int) -> timedelta:
        """Return the longest that `wait` can return after this number of failures, if `most_asked` limits it."""
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
    """Return a back-off with a given wait after each failure. After the last one, the wait stays the same."""
    return Backoff(lambda failures: waits[min(max(failures, 1), len(waits)) - 1], jitter, most_asked)


def _doublings(failures: int) -> int:
    return min(max(failures, 1) - 1, MAX_DOUBLINGS)


def _within(first: timedelta, longest: timedelta, times: float) -> timedelta:
    return timedelta(seconds=min(first.total_seconds() * times, longest.total_seconds()))
