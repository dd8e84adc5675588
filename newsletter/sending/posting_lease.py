"""The lease of a batch as the process that posts it sees it: after its end, this process posts nothing more.

The row in the database tells the others when they may take the process for dead, by the clock on the wall, which can be
set. This side goes by a clock that nobody sets, counts from before the claim, and ends somewhat earlier.
"""

import math

from newsletter.steady_clock import steady_seconds

# The lease ends here before it ends for others: by a tenth, and by no more than that.
LONGEST_MARGIN_SECONDS = 10.0


class Lease:
    """How long this process may still post. Used by one thread. `seconds`: what each renewal gives in the database."""

    def __init__(self, seconds: float, *, noted: float) -> None:
        """A lease of so many seconds from the steady moment `noted` on, which was before it was claimed."""
        self.seconds = seconds
        self._lasts = seconds - min(seconds / 10, LONGEST_MARGIN_SECONDS)
        self._ends = noted + self._lasts

    @property
    def left(self) -> float:
        """How many seconds are left; 0 when it is over."""
        return max(self._ends - steady_seconds(), 0.0)

    @property
    def stands(self) -> bool:
        """Whether this process may post now."""
        return self.left > 0

    def renew(self, *, noted: float) -> None:
        """Let it last from `noted` on: the database was just told so."""
        self._ends = max(self._ends, noted + self._lasts)

    def end(self) -> None:
        """Let it be over for good: the batch was given to somebody else."""
        self._lasts = self._ends = -math.inf


def unlimited_lease() -> Lease:
    """The lease of a post that nobody else could send, such as a test letter."""
    return Lease(math.inf, noted=0.0)
