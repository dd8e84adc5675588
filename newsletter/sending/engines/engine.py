"""What every engine can do, and how often it looks for what others left."""

from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from newsletter.sending.post_result import PostResult

Progress = Callable[[PostResult], None]

# How often a worker looks for batches whose process died, and asks for evidence about unknown ones, at most.
RECOVER_SECONDS = 10
RECONCILE_SECONDS = 60


def recover_seconds() -> int:
    """How often a worker looks for batches whose process died: the shorter the lease, the oftener."""
    lease = settings.NEWSLETTER.lease_seconds or RECOVER_SECONDS
    return max(min(RECOVER_SECONDS, int(lease / 2)), 1)


def reconcile_seconds() -> int:
    """How often a worker asks for evidence: the shorter the grace, the oftener."""
    return max(min(RECONCILE_SECONDS, int(settings.NEWSLETTER.evidence_grace_seconds / 2)), 1)


class Engine(Protocol):
    """Sends what is due."""

    def run(self) -> None:
        """Send. Returns when there is nothing to wait for, or after `stop` when the posts in flight are done."""
        ...

    def stop(self) -> None:
        """Start no more posts."""
        ...
