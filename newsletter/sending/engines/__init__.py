"""The engines, which tell free workers to do the next batch. The batch rows are the truth, not the engine."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.sending.engines.engine_interface import Engine, Progress

# How many batches one process sends at the same time. Here, because `newsletter worker --help` shows it at once.
THREADS = 4


def make_worker(
    engine: str, *, threads: int, once: bool = False, on_progress: "Progress" = lambda _: None
) -> "Engine":
    """Make a worker that sends due batches of any mailing until it is stopped or, with `once`, until nothing is due.

    Raises Invalid if the engine cannot work here.
    """
    if engine == "procrastinate":
        from newsletter.sending.enqueue_batches import require_procrastinate

        require_procrastinate()
        from newsletter.sending.engines.procrastinate import ProcrastinateWorker

        return ProcrastinateWorker(threads=threads, once=once, on_progress=on_progress)
    from newsletter.sending.engines.local_worker import LocalWorker

    return LocalWorker(threads=threads, once=once, on_progress=on_progress)
