"""The lease of a batch, for the process that posts it: after its end, this process posts nothing more.

The row in the database tells other processes when they may consider this process dead, by the system clock, which can
be set. The lease here uses the monotonic clock, counts from before the claim, and ends somewhat earlier.
"""

import math

from newsletter.steady_clock import steady_seconds

# The lease ends here before it ends for other processes: by a tenth, but at most by this.
LONGEST_MARGIN_SECONDS = 10.0


class Lease:
    """How long this process may still post. For one thread. `seconds` is the length of each renewal in the database."""

    def __init__(self, seconds: float, *, noted: float) -> None:
        """Start a lease of some seconds at the monotonic time `noted`, which was before the claim."""
        self.seconds = seconds
        self._lasts = seconds - min(seconds / 10, LONGEST_MARGIN_SECONDS)
        self._ends = noted + self._lasts

    @property
    def left(self) -> float:
        """How many seconds are left; 0 if the lease is over."""
        return max(self._ends - steady_seconds(), 0.0)

    @property
    def stands(self) -> bool:
        """Whether this process may post now."""
        return self.left > 0

    def renew(self, *, noted: float) -> None:
        """Renew the lease from `noted`, after the database was updated."""
        self._ends = max(self._ends, noted + self._lasts)

    def end(self) -> None:
        """End the lease for good, because the batch was given to another process."""
        self._lasts = self._ends = -math.inf


def unlimited_lease() -> Lease:
    """Return the lease of a post that no other process could send, such as a test email."""
    return Lease(math.inf, noted=0.0)
