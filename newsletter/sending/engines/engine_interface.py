"""The interface of every engine, and how often it looks for work that other processes left."""

from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from newsletter.sending.post_result import PostResult

Progress = Callable[[PostResult], None]

# The longest intervals at which a worker looks for batches of dead processes and asks for evidence.
RECOVER_SECONDS = 10
RECONCILE_SECONDS = 60


def recover_seconds() -> int:
    """Return the interval at which a worker looks for batches of dead processes: shorter for a shorter lease."""
    lease = settings.NEWSLETTER.lease_seconds or RECOVER_SECONDS
    return max(min(RECOVER_SECONDS, int(lease / 2)), 1)


def reconcile_seconds() -> int:
    """Return the interval at which a worker asks for evidence: shorter for a shorter grace period."""
    return max(min(RECONCILE_SECONDS, int(settings.NEWSLETTER.evidence_grace_seconds / 2)), 1)


class Engine(Protocol):
    """Sends due batches."""

    def run(self) -> None:
        """Send. Returns when there is nothing to wait for, or after `stop` when the current posts are finished."""
        ...

    def stop(self) -> None:
        """Start no more posts."""
        ...
