"""What carries "do the next batch" to whoever is free. The batch rows are the truth, not the engine."""

from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from newsletter.sending.batches import Delivery
from newsletter.sending.enqueue import require_procrastinate

Progress = Callable[[Delivery], None]

# How often a worker looks for batches whose process died, and asks for evidence about unknown ones, at most.
RECOVER_SECONDS = 10
SETTLE_SECONDS = 60


def recover_seconds() -> int:
    """How often a worker looks for batches whose process died: the shorter the lease, the oftener."""
    lease = settings.NEWSLETTER.lease_seconds or RECOVER_SECONDS
    return max(min(RECOVER_SECONDS, int(lease / 2)), 1)


def settle_seconds() -> int:
    """How often a worker asks for evidence: the shorter the grace, the oftener."""
    return max(min(SETTLE_SECONDS, int(settings.NEWSLETTER.evidence_grace_seconds / 2)), 1)


class Engine(Protocol):
    """Sends what is due."""

    def run(self) -> None:
        """Send. Returns when there is nothing to wait for, or after `stop` when the posts in flight are done."""
        ...

    def stop(self) -> None:
        """Start no more posts."""
        ...


def worker_of(
    engine: str, *, threads: int, once: bool = False, on_progress: Progress = lambda _: None
) -> Engine:
    """What sends whatever is due in any mailing until it is stopped; `once`: until nothing is due.

    Raises Invalid when the engine cannot work here.
    """
    if engine == "procrastinate":
        require_procrastinate()
        from newsletter.sending.engines.procrastinate import ProcrastinateWorker

        return ProcrastinateWorker(threads=threads, once=once, on_progress=on_progress)
    from newsletter.sending.engines.local_worker import LocalWorker

    return LocalWorker(threads=threads, once=once, on_progress=on_progress)
