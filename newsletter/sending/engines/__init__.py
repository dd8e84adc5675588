"""What carries "do the next batch" to whoever is free. The batch rows are the truth, not the engine."""

from typing import TYPE_CHECKING, Protocol

from django.apps import apps
from django.conf import settings

from newsletter.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsletter.sending.batches import Delivery

    Progress = Callable[[Delivery], None]

# How often a worker looks for batches whose process died, and asks for evidence about unknown ones.
RECOVER_SECONDS = 10
SETTLE_SECONDS = 60


class Engine(Protocol):
    """Sends what is due."""

    def run(self) -> None:
        """Send. Returns when there is nothing to wait for, or after `stop` when the posts in flight are done."""
        ...

    def stop(self) -> None:
        """Start no more posts."""
        ...


def announce() -> None:
    """Tell the engine that batches are due, in the transaction that made them so.

    `local` looks into the ledger by itself. Raises Invalid when the engine that was chosen cannot work here.
    """
    if settings.NEWSLETTER.engine == "procrastinate":
        _require_procrastinate()
        from newsletter.sending.engines.procrastinate import defer_due_batches

        defer_due_batches()


def worker_of(
    engine: str, *, threads: int, once: bool = False, on_progress: "Progress" = lambda _: None
) -> Engine:
    """What sends whatever is due in any mailing until it is stopped; `once`: until nothing is due.

    Raises Invalid when the engine cannot work here.
    """
    if engine == "procrastinate":
        _require_procrastinate()
        from newsletter.sending.engines.procrastinate import ProcrastinateWorker

        return ProcrastinateWorker(threads=threads, once=once, on_progress=on_progress)
    from newsletter.sending.engines.local_worker import LocalWorker

    return LocalWorker(threads=threads, once=once, on_progress=on_progress)


def _require_procrastinate() -> None:
    # See settings.py: it is installed where PostgreSQL and the extra `postgres` are.
    if not apps.is_installed("procrastinate.contrib.django"):
        raise Invalid(
            "The engine procrastinate needs PostgreSQL (set DATABASE_URL) and the extra `postgres` of this package; "
            "the engine local needs neither."
        )
